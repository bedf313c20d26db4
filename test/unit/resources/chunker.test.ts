import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkRef, FileDigest, type HashedChunk, windows } from "../../../src/resources/chunker.ts";
import {
  chunkBytes,
  uploadHalfWindowBytes,
  uploadWindowBytes,
} from "../../../src/resources/limits.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function* pieces(sizes: readonly number[], fill = 1): AsyncGenerator<Uint8Array> {
  for (const [i, size] of sizes.entries()) yield new Uint8Array(size).fill(fill + i);
}

async function cut(source: AsyncIterable<Uint8Array>): Promise<{
  readonly groups: readonly (readonly HashedChunk[])[];
  readonly whole: FileDigest;
}> {
  const whole = new FileDigest();
  const groups: (readonly HashedChunk[])[] = [];
  for await (const group of windows(source, whole)) groups.push(group);
  return { groups, whole };
}

describe("chunks", () => {
  test("together are the file, each of full size but the last, whatever pieces arrive", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3 * chunkBytes }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, async (each) => {
        const { groups, whole } = await cut(pieces(each));
        const chunks = groups.flat();
        const file = Buffer.concat(each.map((size, i) => Buffer.alloc(size, 1 + i)));
        expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).equals(file)).toBe(true);
        expect(chunks.slice(0, -1).every(({ bytes }) => bytes.length === chunkBytes)).toBe(true);
        expect(chunks.every(({ digest, bytes }) => digest === sha256(bytes))).toBe(true);
        expect(whole.sizeBytes).toBe(file.length);
        expect(whole.finish()).toBe(sha256(file));
      }),
      { numRuns: 20 },
    );
  });

  test("of an empty file are none", async () => {
    const { groups, whole } = await cut(pieces([0, 0]));
    expect([groups, whole.sizeBytes]).toEqual([[], 0]);
  });

  test("are described by digest and size", () => {
    expect(chunkRef({ digest: "d", bytes: new Uint8Array(5) })).toEqual({
      digest: "d",
      sizeBytes: 5,
    });
  });
});

describe("windows", () => {
  test("are half a window each, but the last", async () => {
    const { groups } = await cut(pieces([2.5 * uploadHalfWindowBytes]));
    const sizes = groups.map((group) => group.reduce((sum, { bytes }) => sum + bytes.length, 0));
    expect(sizes).toEqual([
      uploadHalfWindowBytes,
      uploadHalfWindowBytes,
      uploadHalfWindowBytes / 2,
    ]);
  });

  test("one arrives while the other is worked on, and never more than a window is read ahead", async () => {
    let readBytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 40; i += 1) {
        readBytes += chunkBytes;
        yield new Uint8Array(chunkBytes).fill(i);
      }
    }
    let takenBytes = 0;
    let ahead = 0;
    for await (const group of windows(counted(), new FileDigest())) {
      takenBytes += group.reduce((sum, { bytes }) => sum + bytes.length, 0);
      // Long enough for everything that does not wait for the consumer.
      for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      ahead = Math.max(ahead, readBytes - takenBytes);
      expect(readBytes - takenBytes + uploadHalfWindowBytes).toBeLessThanOrEqual(
        uploadWindowBytes + chunkBytes,
      );
    }
    expect(takenBytes).toBe(40 * chunkBytes);
    expect(ahead).toBeGreaterThanOrEqual(uploadHalfWindowBytes);
  });

  test("a source that breaks is told after what came before it", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(uploadHalfWindowBytes);
      throw new Error("gone");
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const group of windows(broken(), new FileDigest())) seen.push(group.length);
    })();
    await expect(reading).rejects.toThrow("gone");
    expect(seen).toEqual([uploadHalfWindowBytes / chunkBytes]);
  });

  test("a consumer that leaves early closes the source", async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(chunkBytes);
      } finally {
        closed = true;
      }
    }
    for await (const group of windows(endless(), new FileDigest())) {
      expect(group.length).toBeGreaterThan(0);
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(true);
  });
});
