// What every ChunkStore must do; the promises are in src/storage/contract.ts.
import { expect } from "vitest";
import { chunkBytesMax } from "../../../src/storage/chunk-rules.ts";
import type { Chunk, ChunkStore } from "../../../src/storage/contract.ts";
import { type Framework, vitestFramework } from "./framework.ts";
import type { Harness } from "./harness.ts";
import { codeOf, digestOf } from "./harness.ts";

function chunk(text: string, size = 3000): Chunk {
  const bytes = Buffer.alloc(size, text);
  return { digest: digestOf(bytes), bytes };
}

async function text(store: ChunkStore, { digest }: Chunk): Promise<string | undefined> {
  const bytes = await store.get(digest);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1", 0, 3);
}

export function chunkStoreSuite(
  name: string,
  make: () => Promise<Harness<ChunkStore>>,
  { describe, test, beforeEach, afterEach }: Framework = vitestFramework,
): void {
  describe(`ChunkStore: ${name}`, () => {
    let harness: Harness<ChunkStore>;
    let store: ChunkStore;
    const [a, b, c] = [chunk("aaa"), chunk("bbb"), chunk("ccc")];
    beforeEach(async () => {
      harness = await make();
      store = await harness.open();
    });
    afterEach(() => harness.dispose());

    test("what was put is there, also after a crash", async () => {
      await store.put([a, b]);
      await store.put([c]);
      const after = await harness.crash();
      expect(after.digests()).toEqual([a.digest, b.digest, c.digest].sort());
      expect([await text(after, a), await text(after, b), await text(after, c)]).toEqual([
        "aaa",
        "bbb",
        "ccc",
      ]);
      expect(after.stats()).toEqual({ chunks: 3, bytes: 9000 });
    });

    test("an absent chunk is undefined", async () => {
      expect(await store.get(a.digest)).toBeUndefined();
      expect(store.has(a.digest)).toBe(false);
      expect(store.stats()).toEqual({ chunks: 0, bytes: 0 });
    });

    test("a wrong digest is refused and nothing of the call is stored", async () => {
      const wrong = { digest: b.digest, bytes: c.bytes };
      expect(await codeOf(() => store.put([a, wrong]))).toBe("QUORATE_STORAGE_DIGEST_MISMATCH");
      expect(store.digests()).toEqual([]);
      expect((await harness.crash()).digests()).toEqual([]);
    });

    test("a chunk is stored once, whoever brings it", async () => {
      await Promise.all([store.put([a, b, a]), store.put([b, c])]);
      await store.put([a]);
      expect(store.stats()).toEqual({ chunks: 3, bytes: 9000 });
      expect((await harness.crash()).stats()).toEqual({ chunks: 3, bytes: 9000 });
    });

    test("removed chunks are gone, also after a crash, and can come back", async () => {
      await store.put([a, b, c]);
      await store.remove([a.digest, c.digest, a.digest, digestOf(Buffer.from("unknown"))]);
      expect([store.has(a.digest), await text(store, b), await text(store, c)]).toEqual([
        false,
        "bbb",
        undefined,
      ]);
      expect(store.stats()).toEqual({ chunks: 1, bytes: 3000 });
      const after = await harness.crash();
      expect(after.digests()).toEqual([b.digest]);
      await after.put([a]);
      expect(await text(after, a)).toBe("aaa");
    });

    test("an empty chunk is a chunk", async () => {
      const empty = chunk("x", 0);
      await store.put([empty]);
      expect((await harness.crash()).has(empty.digest)).toBe(true);
      expect(await store.get(empty.digest)).toHaveLength(0);
    });

    test("chunks above the limit are refused", async () => {
      const large = chunk("x", chunkBytesMax + 1);
      expect(await codeOf(() => store.put([large]))).toBe("QUORATE_STORAGE_TOO_LARGE");
      const many = Array.from({ length: 5 }, (_, i) => chunk(String(i), chunkBytesMax));
      expect(await codeOf(() => store.put(many))).toBe("QUORATE_STORAGE_TOO_LARGE");
    });

    test("a closed store refuses work; closing again does nothing", async () => {
      await store.put([a]);
      await store.close();
      await store.close();
      const codes = [
        await codeOf(() => store.put([b])),
        await codeOf(() => store.get(a.digest)),
        await codeOf(() => store.remove([a.digest])),
      ];
      expect(codes).toEqual(Array.from({ length: 3 }, () => "QUORATE_STORAGE_CLOSED"));
      expect((await harness.open()).digests()).toEqual([a.digest]);
    });
  });
}
