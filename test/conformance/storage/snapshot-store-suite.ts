// What every SnapshotStore must do; the promises are in src/storage/contract.ts.
import { expect } from "vitest";
import { AssertionFailed } from "../../../src/base/assert.ts";
import { index } from "../../../src/base/numbers.ts";
import type { SnapshotInfo, SnapshotStore } from "../../../src/storage/contract.ts";
import { type Framework, vitestFramework } from "./framework.ts";
import type { Harness } from "./harness.ts";
import { codeOf, digestOf, snapshotMeta } from "./harness.ts";

/** Larger than a few blocks of any implementation, and no multiple of them. */
const body = Buffer.from(Array.from({ length: 200_001 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

async function save(
  store: SnapshotStore,
  at: number,
  bytes: Uint8Array = body,
): Promise<SnapshotInfo> {
  const writer = await store.create(snapshotMeta(at, 2));
  for (let from = 0; from < bytes.length; from += 70_000) {
    await writer.write(bytes.subarray(from, from + 70_000));
  }
  return writer.commit();
}

export function snapshotStoreSuite(
  name: string,
  make: () => Promise<Harness<SnapshotStore>>,
  { describe, test, beforeEach, afterEach }: Framework = vitestFramework,
): void {
  describe(`SnapshotStore: ${name}`, () => {
    let harness: Harness<SnapshotStore>;
    let store: SnapshotStore;
    beforeEach(async () => {
      harness = await make();
      store = await harness.open();
    });
    afterEach(() => harness.dispose());

    test("a new store has no snapshot", async () => {
      expect(store.latest()).toBeUndefined();
      expect(await codeOf(() => store.read(index(1), 0, 1))).toBe("QUORATE_STORAGE_NOT_FOUND");
    });

    test("a committed snapshot is the latest, also after a crash", async () => {
      const info = await save(store, 7);
      expect(info).toEqual({
        meta: snapshotMeta(7, 2),
        sizeBytes: body.length,
        checksum: digestOf(body),
      });
      const after = await harness.crash();
      expect(after.latest()).toEqual(info);
      expect(Buffer.from(await after.read(index(7), 0, body.length)).equals(body)).toBe(true);
    });

    test("any range can be read, cut at the end", async () => {
      await save(store, 7);
      const ranges = [
        [0, 1],
        [65_535, 2],
        [65_536, 65_536],
        [131_071, 70_000],
        [200_000, 5],
        [200_001, 5],
        [0, 1e9],
      ];
      for (const [from = 0, length = 0] of ranges) {
        const part = Buffer.from(await store.read(index(7), from, length));
        expect(part.equals(body.subarray(from, from + length))).toBe(true);
      }
    });

    test("an empty snapshot is a snapshot", async () => {
      await save(store, 3, new Uint8Array(0));
      const after = await harness.crash();
      expect(after.latest()?.sizeBytes).toBe(0);
      expect(await after.read(index(3), 0, 10)).toHaveLength(0);
    });

    test("what was not committed is not there", async () => {
      await save(store, 5);
      const writer = await store.create(snapshotMeta(6, 2));
      await writer.write(body);
      expect(store.latest()?.meta.index).toBe(5);
      const after = await harness.crash();
      expect(after.latest()?.meta.index).toBe(5);
      await writer.abort();
      expect(store.latest()?.meta.index).toBe(5);
      await expect(writer.write(body)).rejects.toThrow(AssertionFailed);
    });

    test("a newer snapshot takes the place of the older one", async () => {
      await save(store, 5);
      await save(store, 6, body.subarray(1));
      expect(await codeOf(() => store.read(index(5), 0, 1))).toBe("QUORATE_STORAGE_NOT_FOUND");
      expect((await harness.crash()).latest()?.sizeBytes).toBe(body.length - 1);
    });

    test("an older one that is finished later does not", async () => {
      const slow = await store.create(snapshotMeta(4, 2));
      await slow.write(body);
      await save(store, 9, body.subarray(2));
      await slow.commit();
      expect(store.latest()?.meta.index).toBe(9);
      const after = await harness.crash();
      expect(Buffer.from(await after.read(index(9), 0, 10)).equals(body.subarray(2, 12))).toBe(
        true,
      );
    });

    test("a closed store refuses work; closing again does nothing", async () => {
      await store.close();
      await store.close();
      expect(await codeOf(() => store.create(snapshotMeta(1, 1)))).toBe("QUORATE_STORAGE_CLOSED");
      expect(await codeOf(() => store.read(index(1), 0, 1))).toBe("QUORATE_STORAGE_CLOSED");
    });
  });
}
