import { expect, test } from "vitest";
import { index } from "../../../../src/base/numbers.ts";
import { memoryDataDirectory } from "../../../../src/storage/memory/data-directory.ts";
import type { WriteOutcome, WriteSchedule } from "../../../../src/storage/memory/device.ts";
import {
  codeOf,
  digestOf,
  hardState,
  run,
  snapshotMeta,
} from "../../../conformance/storage/harness.ts";

/** A disk that syncs when it is told to. */
function manualDisk(): { schedule: WriteSchedule; finish(outcome: WriteOutcome): void } {
  const waiting: ((outcome: WriteOutcome) => void)[] = [];
  return {
    schedule: (_bytes, finish) => void waiting.push(finish),
    finish: (outcome) => {
      waiting.shift()?.(outcome);
    },
  };
}

const batch = { entries: run(1, 3, 1), hardState: hardState(1, 2, 2) };
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test("a write that is not synced is not in the view and does not resolve", async () => {
  const disk = manualDisk();
  const { log } = memoryDataDirectory(disk);
  let isResolved = false;
  const pending = log.append(batch).then(() => {
    isResolved = true;
  });
  await turn();
  expect([isResolved, log.view.lastIndex()]).toEqual([false, 0]);
  disk.finish("synced");
  await pending;
  expect(log.view.lastIndex()).toBe(3);
});

test("a crash loses un-synced writes of all stores, or keeps them whole", async () => {
  for (const outcome of ["lost", "kept"] as const) {
    const disk = manualDisk();
    const before = memoryDataDirectory(disk);
    const bytes = Buffer.from("chunk");
    void before.log.append(batch);
    void before.chunks.put([{ digest: digestOf(bytes), bytes }]);
    const writer = await before.snapshots.create(snapshotMeta(2, 1));
    void writer.commit();
    await turn();
    const after = before.restart(outcome);
    const found = [
      after.log.view.lastIndex(),
      after.chunks.stats().chunks,
      after.snapshots.latest()?.meta.index,
    ];
    expect(found).toEqual(outcome === "lost" ? [0, 0, undefined] : [3, 1, 2]);
    disk.finish("synced");
    expect(after.log.view.lastIndex()).toBe(outcome === "lost" ? 0 : 3);
  }
});

test("what a dead process still calls changes nothing", async () => {
  const before = memoryDataDirectory();
  const after = before.restart("lost");
  void before.log.append(batch);
  void before.saveFormation(Buffer.from("late"));
  await turn();
  expect([after.log.view.lastIndex(), after.formation]).toEqual([0, undefined]);
});

test("a failed write is final", async () => {
  const disk = manualDisk();
  const { log } = memoryDataDirectory(disk);
  const pending = codeOf(() => log.append(batch));
  await turn();
  disk.finish("failed");
  expect(await pending).toBe("QUORATE_STORAGE_WRITE_FAILED");
  expect(await codeOf(() => log.append(batch))).toBe("QUORATE_STORAGE_WRITE_FAILED");
});

test("restarts count, renew the nonce and keep everything else", async () => {
  const first = memoryDataDirectory({ serverId: "alpha" });
  await first.saveIdentity({ ...first.identity, clusterId: "c", peerId: 3 });
  await first.saveFormation(Buffer.from("f"));
  const { bootNonce: nonceBefore, incarnation } = first.identity;
  const second = first.restart("lost");
  const { bootNonce, ...rest } = second.identity;
  expect(rest).toMatchObject({ serverId: "alpha", clusterId: "c", peerId: 3, bootCounter: 2 });
  expect(bootNonce).not.toBe(nonceBefore);
  expect(second.identity.incarnation).toBe(incarnation);
  expect(Buffer.from(second.formation ?? []).toString()).toBe("f");
});

test("after a crash between snapshot and log, the log adopts the snapshot", async () => {
  const first = memoryDataDirectory();
  await first.log.append(batch);
  await (await first.snapshots.create(snapshotMeta(50, 4))).commit();
  const { view } = first.restart("lost").log;
  expect([view.firstIndex(), view.lastIndex(), view.term(index(50))]).toEqual([51, 50, 4]);
  expect(view.initialHardState()).toEqual(hardState(4, 0, 50));
});

test("the same randomness gives the same identity", () => {
  const random = (bytes: number): string => "ab".repeat(bytes);
  expect(memoryDataDirectory({ random }).identity).toEqual(
    memoryDataDirectory({ random }).identity,
  );
});
