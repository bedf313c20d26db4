// What every SnapshotStore and every ChunkStore must do on a disk that holds writes back, fails or damages what it holds.
import { expect } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import type { Chunk, ChunkStore, SnapshotStore } from "../../../src/storage/contract.ts";
import { type FaultyHarness, noteWhen, settled } from "./faulty-disk.ts";
import { type Framework, vitestFramework } from "./framework.ts";
import { codeOf, digestOf, snapshotMeta } from "./harness.ts";

const writeFailed = "QUORATE_STORAGE_WRITE_FAILED";
const shares = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999];
const body = Buffer.from(Array.from({ length: 150_000 }, (_, at) => (at * 7 + (at >> 9)) & 0xff));

async function save(store: SnapshotStore, at: number): Promise<void> {
  const writer = await store.create(snapshotMeta(at, 2));
  await writer.write(body.subarray(at));
  await writer.commit();
}

export function snapshotFaultsSuite(
  name: string,
  make: () => Promise<FaultyHarness<SnapshotStore>>,
  { describe, test }: Framework = vitestFramework,
): void {
  describe(`SnapshotStore on a faulty disk: ${name}`, () => {
    test("a snapshot is not there before it is synced, and then it is there whole", async () => {
      for (const ending of ["lost", "kept"] as const) {
        const harness = await make();
        const store = await harness.open();
        await save(store, 3);
        harness.disk.after(0, "held");
        const saving = noteWhen(save(store, 9));
        await settled();
        expect([saving.isDone, store.latest()?.meta.index]).toEqual([false, 3]);
        const after = await harness.loseKeepOrTear(ending);
        const at = ending === "lost" ? 3 : 9;
        expect(after.latest()?.meta.index).toBe(at);
        const bytes = await after.read(index(at), 0, body.length);
        expect(Buffer.from(bytes).equals(body.subarray(at))).toBe(true);
        await harness.dispose();
      }
    });

    test("the first write that fails is the last one", async () => {
      const harness = await make();
      const store = await harness.open();
      await save(store, 3);
      harness.disk.after(0, "failed");
      expect(await codeOf(() => save(store, 9))).toBe(writeFailed);
      harness.disk.after(1000, "held");
      expect(await codeOf(() => save(store, 10))).toBe(writeFailed);
      expect((await harness.crash()).latest()?.meta.index).toBe(3);
      await harness.dispose();
    });

    test("a bit that flipped anywhere is found when the snapshot is opened or read", async () => {
      for (const share of shares) {
        const harness = await make();
        await save(await harness.open(), 3);
        for (const place of harness.places()) {
          place.flip(share);
          const code = await codeOf(async () => {
            const after = await harness.crash();
            await after.read(index(3), 0, body.length);
          });
          expect(code).toBe(place.code);
        }
        await harness.dispose();
      }
    });

    test("damage is found while the store is open, by whoever reads the part", async () => {
      const harness = await make();
      const store = await harness.open();
      await save(store, 3);
      for (const place of harness.places()) {
        place.flip(0.5);
        expect(await codeOf(() => store.read(index(3), 0, body.length))).toBe(place.code);
        const start = await store.read(index(3), 0, 100);
        expect(Buffer.from(start).equals(body.subarray(3, 103))).toBe(true);
      }
      await harness.dispose();
    });
  });
}

const chunk = (text: string): Chunk => {
  const bytes = Buffer.alloc(3000, text);
  return { digest: digestOf(bytes), bytes };
};

export function chunkFaultsSuite(
  name: string,
  make: () => Promise<FaultyHarness<ChunkStore>>,
  { describe, test }: Framework = vitestFramework,
): void {
  const [a, b, c] = [chunk("a"), chunk("b"), chunk("c")];
  describe(`ChunkStore on a faulty disk: ${name}`, () => {
    test("chunks are not there before they are synced, and then all of a call are", async () => {
      for (const ending of ["lost", "kept"] as const) {
        const harness = await make();
        const store = await harness.open();
        await store.put([a]);
        harness.disk.after(0, "held");
        const putting = noteWhen(store.put([b, c]));
        await settled();
        expect([putting.isDone, store.digests()]).toEqual([false, [a.digest]]);
        const after = await harness.loseKeepOrTear(ending);
        const expected = ending === "lost" ? [a] : [a, b, c];
        expect(after.digests()).toEqual(expected.map(({ digest }) => digest).sort());
        await harness.dispose();
      }
    });

    test("a removal that is not synced may be undone by a crash, and then it is whole", async () => {
      const harness = await make();
      const store = await harness.open();
      await store.put([a, b, c]);
      harness.disk.after(0, "held");
      const removing = noteWhen(store.remove([a.digest, b.digest]));
      await settled();
      expect(removing.isDone).toBe(false);
      expect((await harness.loseKeepOrTear("lost")).digests()).toHaveLength(3);
      await harness.dispose();
    });

    test("the first write that fails is the last one", async () => {
      const harness = await make();
      const store = await harness.open();
      await store.put([a]);
      harness.disk.after(0, "failed");
      expect(await codeOf(() => store.put([b]))).toBe(writeFailed);
      harness.disk.after(1000, "held");
      expect(await codeOf(() => store.put([c]))).toBe(writeFailed);
      expect((await harness.crash()).digests()).toEqual([a.digest]);
      await harness.dispose();
    });

    test("a damaged chunk is never served, leaves the inventory, and can be put again", async () => {
      for (const share of shares) {
        const harness = await make();
        const store = await harness.open();
        await store.put([a, b]);
        harness
          .places()
          .find((place) => place.name.includes(a.digest))
          ?.flip(share);
        expect(await codeOf(() => store.get(a.digest))).toBe("QUORATE_STORAGE_CORRUPT_CHUNK");
        expect(store.digests()).toEqual([b.digest]);
        expect(Buffer.from((await store.get(b.digest)) ?? []).equals(b.bytes)).toBe(true);
        await store.put([a]);
        const after = await harness.crash();
        expect(Buffer.from((await after.get(a.digest)) ?? []).equals(a.bytes)).toBe(true);
        await harness.dispose();
      }
    });
  });
}
