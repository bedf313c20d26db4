import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { MiB } from "../../../src/base/units.ts";
import { BulkPace, pacedChunks, timedLog } from "../../../src/storage/bulk-pace.ts";
import type { Chunk } from "../../../src/storage/contract.ts";
import { memoryDataDirectory } from "../../../src/storage/memory/data-directory.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

const anyRoom = { mayStore: (): void => undefined, stores: (): void => undefined };

function chunk(seed: number, size = 256 * 1024): Chunk {
  const bytes = Buffer.alloc(size, seed);
  return { digest: createHash("sha256").update(bytes).digest("hex"), bytes };
}

function setup(isPaced = true): {
  clock: VirtualClock;
  pace: BulkPace;
  wait: (ms: number) => Promise<void>;
} {
  const clock = new VirtualClock();
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });
  return { clock, pace: new BulkPace({ isPaced }, { clock }), wait };
}

/** Bulk writes of 1 MiB that take `tookMs` each, for `ms`; resolves with the bytes. */
async function stream(
  { clock, pace, wait }: ReturnType<typeof setup>,
  { tookMs, ms }: { tookMs: number; ms: number },
): Promise<number> {
  let bytes = 0;
  for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; bytes += MiB) {
    await pace.bulk(MiB, () => wait(tookMs));
  }
  return bytes;
}

async function logWrites(
  { pace, wait }: ReturnType<typeof setup>,
  { tookMs, count }: { tookMs: number; count: number },
): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await pace.log(() => wait(tookMs));
    await wait(5);
  }
}

describe("the pace of bulk writes", () => {
  test("is not bound as long as the log is quiet", async () => {
    const site = setup();
    const bytes = await site.clock.settled(stream(site, { tookMs: 2, ms: 1000 }));
    expect(bytes).toBeGreaterThan(450 * MiB);
    expect(site.pace.stats().yields).toBe(0);
  });

  test("falls while the log's writes suffer, and rises again afterwards", async () => {
    const site = setup();
    await site.clock.settled(logWrites(site, { tookMs: 1, count: 50 }));
    const together = Promise.all([
      stream(site, { tookMs: 2, ms: 2000 }),
      logWrites(site, { tookMs: 20, count: 80 }),
    ]);
    const [bytes] = await site.clock.settled(together);
    expect(site.pace.stats().yields).toBeGreaterThan(20);
    expect(site.pace.stats().bytesPerSecond).toBeLessThan(256 * MiB);
    expect(site.pace.pieceBytes).toBe(256 * 1024);
    expect(bytes).toBeLessThan(2 * 100 * MiB);
    // Never starved: the named minimum goes through.
    expect(bytes).toBeGreaterThan(2 * 12 * MiB);
    await site.clock.settled(stream(site, { tookMs: 2, ms: 4000 }));
    expect(site.pace.stats().bytesPerSecond).toBe(1024 * MiB);
  });

  test("stays when the log's writes take as long as they take alone", async () => {
    const site = setup();
    await site.clock.settled(logWrites(site, { tookMs: 20, count: 50 }));
    await site.clock.settled(
      Promise.all([
        stream(site, { tookMs: 2, ms: 1000 }),
        logWrites(site, { tookMs: 20, count: 30 }),
      ]),
    );
    expect(site.pace.stats()).toMatchObject({ yields: 0, bytesPerSecond: 1024 * MiB });
  });

  test("switched off, it waits for nothing", async () => {
    const site = setup(false);
    await site.clock.settled(
      Promise.all([
        stream(site, { tookMs: 2, ms: 1000 }),
        logWrites(site, { tookMs: 40, count: 20 }),
      ]),
    );
    expect(await site.clock.settled(stream(site, { tookMs: 2, ms: 1000 }))).toBe(500 * MiB);
  });

  test("a bulk write waits for the log write under way, but not for ever", async () => {
    const { clock, pace, wait } = setup();
    const order: string[] = [];
    const logged = pace.log(() => wait(10)).then(() => order.push("log"));
    const stored = pace.bulk(MiB, () => Promise.resolve()).then(() => order.push("bulk"));
    await clock.settled(Promise.all([logged, stored]));
    expect(order).toEqual(["log", "bulk"]);
    const stuck = pace.log(() => wait(10_000));
    await clock.settled(pace.bulk(MiB, () => Promise.resolve()));
    expect(clock.nowMs()).toBeLessThan(1000);
    await clock.settled(stuck);
  });
});

describe("paced chunks", () => {
  test("are written in small pieces, and only those that are not there", async () => {
    const { pace, clock } = setup();
    const { chunks: store } = memoryDataDirectory();
    const puts: number[] = [];
    const put = store.put.bind(store);
    store.put = (batch) => {
      puts.push(batch.length);
      return put(batch);
    };
    const chunks = pacedChunks(store, { pace, room: anyRoom });
    await clock.settled(chunks.put([chunk(0)]));
    const many = Array.from({ length: 17 }, (_, n) => chunk(n));
    await clock.settled(chunks.put(many));
    expect(puts).toEqual([1, 8, 8]);
    expect(chunks.digests()).toHaveLength(17);
    await clock.settled(chunks.remove([chunk(3).digest]));
    expect([chunks.has(chunk(3).digest), chunks.stats().chunks]).toEqual([false, 16]);
    expect(await clock.settled(chunks.get(chunk(4).digest))).toHaveLength(256 * 1024);
    await clock.settled(chunks.close());
  });

  test("are refused when there is no room, and what is there needs none", async () => {
    const { pace, clock } = setup();
    const { chunks: store } = memoryDataDirectory();
    let stored = 0;
    const room = {
      mayStore: (bytes: number): void => {
        if (stored + bytes > 300_000) throw new Error("full");
      },
      stores: (bytes: number): void => {
        stored += bytes;
      },
    };
    const chunks = pacedChunks(store, { pace, room });
    await clock.settled(chunks.put([chunk(1)]));
    await expect(clock.settled(chunks.put([chunk(1), chunk(2)]))).rejects.toThrow("full");
    await clock.settled(chunks.put([chunk(1)]));
    expect([store.has(chunk(2).digest), stored]).toEqual([false, 256 * 1024]);
  });
});

test("a timed log is the same log", async () => {
  const { pace, clock } = setup();
  const { log } = memoryDataDirectory();
  const timed = timedLog(log, pace);
  expect(timed.view).toBe(log.view);
  await clock.settled(timed.append({ entries: [], hardState: undefined }));
  expect(timed.stats()).toEqual(log.stats());
  await clock.settled(timed.close());
});
