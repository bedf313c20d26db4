import { describe, expect, test } from "vitest";
import { index, noPeer, term } from "../../../src/base/numbers.ts";
import type { Entry, HardState } from "../../../src/raft/types.ts";
import { AppendQueue } from "../../../src/replica/append-queue.ts";
import type { LogBatch } from "../../../src/storage/contract.ts";
import { VirtualClock } from "./virtual-clock.ts";

function entry(at: number, inTerm = 1, size = 10): Entry {
  return { index: index(at), term: term(inTerm), type: "normal", data: new Uint8Array(size) };
}

function hard(inTerm: number): HardState {
  return { term: term(inTerm), vote: noPeer, commit: index(0) };
}

interface Write {
  readonly batch: LogBatch;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

function queueOf(appendBatchBytesMax = 1000): {
  queue: AppendQueue;
  writes: Write[];
  persisted: number[];
  failed: unknown[];
  clock: VirtualClock;
} {
  const clock = new VirtualClock();
  const writes: Write[] = [];
  const persisted: number[] = [];
  const failed: unknown[] = [];
  const queue = new AppendQueue(
    { appendBatchBytesMax },
    {
      clock,
      log: {
        append: (batch) =>
          new Promise((resolve, reject) => {
            writes.push({ batch, finish: resolve, fail: reject });
          }),
      },
      onPersisted: (sequence) => persisted.push(sequence),
      onFailed: (error) => failed.push(error),
    },
  );
  return { queue, writes, persisted, failed, clock };
}

function indices(write: Write | undefined): number[] {
  return write!.batch.entries.map((each) => each.index);
}

describe("append queue", () => {
  test("one write is in flight; what arrives meanwhile is one batch", async () => {
    const { queue, writes, persisted, clock } = queueOf();
    queue.append({ sequence: 1, entries: [entry(1)], hardState: hard(1) });
    queue.append({ sequence: 2, entries: [entry(2), entry(3)], hardState: undefined });
    queue.append({ sequence: 3, entries: [entry(4)], hardState: hard(2) });
    expect(writes).toHaveLength(1);
    writes[0]!.finish();
    await clock.run(0);
    expect(persisted).toEqual([1]);
    expect(writes).toHaveLength(2);
    expect(indices(writes[1])).toEqual([2, 3, 4]);
    expect(writes[1]!.batch.hardState?.term).toBe(2);
    writes[1]!.finish();
    await clock.run(0);
    expect(persisted).toEqual([1, 3]);
    expect(queue.stats()).toEqual({ appends: 2, appendedEntries: 4 });
  });

  test("entries that replace waiting ones drop them from the batch", async () => {
    const { queue, writes, clock } = queueOf();
    queue.append({ sequence: 1, entries: [entry(1)], hardState: undefined });
    queue.append({ sequence: 2, entries: [entry(2), entry(3), entry(4)], hardState: hard(1) });
    queue.append({ sequence: 3, entries: [entry(3, 2)], hardState: undefined });
    writes[0]!.finish();
    await clock.run(0);
    expect(writes[1]!.batch.entries.map((each) => [each.index, each.term])).toEqual([
      [2, 1],
      [3, 2],
    ]);
    expect(writes[1]!.batch.hardState?.term).toBe(1);
  });

  test("a batch is bounded, the order is kept", async () => {
    const { queue, writes, clock } = queueOf(100);
    for (let i = 1; i <= 7; i += 1) {
      queue.append({ sequence: i, entries: [entry(i, 1, 60)], hardState: undefined });
    }
    for (let i = 0; i < 4; i += 1) {
      writes[i]!.finish();
      await clock.run(0);
    }
    expect(writes.map(indices)).toEqual([[1], [2, 3], [4, 5], [6, 7]]);
  });

  test("a job runs alone, after what was appended before it", async () => {
    const { queue, writes, persisted, clock } = queueOf();
    const order: string[] = [];
    let release: () => void = () => undefined;
    queue.append({ sequence: 1, entries: [entry(1)], hardState: undefined });
    queue.exclusive(() => {
      order.push("job");
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    queue.append({ sequence: 2, entries: [entry(2)], hardState: undefined });
    expect(order).toEqual([]);
    writes[0]!.finish();
    await clock.run(0);
    expect(order).toEqual(["job"]);
    expect(writes).toHaveLength(1);
    // It holds up the append behind it: whoever looks for a disk that hangs must see it.
    expect(queue.writingSinceMs).toBe(0);
    release();
    await clock.run(0);
    expect(writes).toHaveLength(2);
    expect(persisted).toEqual([1]);
  });

  test("the first failure is final", async () => {
    const { queue, writes, persisted, failed, clock } = queueOf();
    queue.append({ sequence: 1, entries: [entry(1)], hardState: undefined });
    queue.append({ sequence: 2, entries: [entry(2)], hardState: undefined });
    const error = new Error("EIO");
    writes[0]!.fail(error);
    await clock.run(0);
    queue.append({ sequence: 3, entries: [entry(3)], hardState: undefined });
    queue.exclusive(() => Promise.reject(new Error("not run")));
    await clock.run(0);
    expect(writes).toHaveLength(1);
    expect(persisted).toEqual([]);
    expect(failed).toEqual([error]);
  });

  test("it knows since when a write is under way", async () => {
    const { queue, writes, clock } = queueOf();
    await clock.run(5);
    expect(queue.writingSinceMs).toBeUndefined();
    queue.append({ sequence: 1, entries: [entry(1)], hardState: undefined });
    await clock.run(100);
    expect(queue.writingSinceMs).toBe(5);
    writes[0]!.finish();
    await clock.run(0);
    expect(queue.writingSinceMs).toBeUndefined();
  });

  test("closing waits for the write in flight and drops what was not begun", async () => {
    const { queue, writes, clock } = queueOf();
    queue.append({ sequence: 1, entries: [entry(1)], hardState: undefined });
    queue.append({ sequence: 2, entries: [entry(2)], hardState: undefined });
    let closed = false;
    void queue.close().then(() => {
      closed = true;
    });
    await clock.run(0);
    expect(closed).toBe(false);
    writes[0]!.finish();
    await clock.run(0);
    expect(closed).toBe(true);
    expect(writes).toHaveLength(1);
    await queue.close();
  });
});
