import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { type PeerId, peerId } from "../../../../src/base/numbers.ts";
import { KiB, MiB } from "../../../../src/base/units.ts";
import { chunkWindowBytes } from "../../../../src/replica/limits.ts";
import { ChunkPull } from "../../../../src/replica/transfer/chunk-pull.ts";
import { PullServer } from "../../../../src/replica/transfer/pull-server.ts";
import { loadHash64 } from "../../../../src/server/system/hash.ts";
import type { Chunk } from "../../../../src/storage/contract.ts";
import { memoryDataDirectory } from "../../../../src/storage/memory/data-directory.ts";
import type { PullPiece, PullSource } from "../../../../src/transport/contract.ts";

const hash = await loadHash64();

function chunk(seed: number, size: number): Chunk {
  const bytes = Buffer.alloc(size, seed);
  return { digest: createHash("sha256").update(bytes).digest("hex"), bytes };
}

type Altered = (pieces: AsyncIterable<PullPiece>) => AsyncIterable<PullPiece>;

/** One receiver and peers 1…n with the given chunks; `alter` changes what a peer sends. */
async function setup(
  held: readonly (readonly Chunk[])[],
  alter: ReadonlyMap<number, Altered> = new Map(),
): Promise<{
  pull: ChunkPull;
  here: ReturnType<typeof memoryDataDirectory>;
  asked: { from: PeerId; source: PullSource }[];
  memory: { most: number };
}> {
  const servers = await Promise.all(
    held.map(async (chunks) => {
      const { chunks: store, snapshots } = memoryDataDirectory();
      if (chunks.length > 0) await store.put(chunks);
      const onSnapshotPiece = (): void => undefined;
      const modules = { chunks: store, snapshots, hash, logger: silentLogger, onSnapshotPiece };
      return new PullServer(modules);
    }),
  );
  const here = memoryDataDirectory();
  const asked: { from: PeerId; source: PullSource }[] = [];
  const memory = { now: 0, most: 0 };
  const put = here.chunks.put.bind(here.chunks);
  here.chunks.put = async (chunks) => {
    await new Promise((resolve) => setImmediate(resolve));
    await put(chunks);
    for (const { bytes } of chunks) memory.now -= bytes.length;
  };
  async function* counted(pieces: AsyncIterable<PullPiece>): AsyncGenerator<PullPiece> {
    for await (const piece of pieces) {
      memory.now += piece.bytes.length;
      memory.most = Math.max(memory.most, memory.now);
      yield piece;
    }
  }
  const pull = new ChunkPull({
    chunks: here.chunks,
    logger: silentLogger,
    transport: {
      pull: (from, source) => {
        asked.push({ from, source });
        const pieces = servers[from - 1]!.serve(peerId(99), source);
        return counted(alter.get(from)?.(pieces) ?? pieces);
      },
    },
  });
  return { pull, here, asked, memory };
}

const peers = [peerId(1), peerId(2)];

describe("fetching chunks", () => {
  test("takes what is missing, in pieces, and leaves what is here", async () => {
    const chunks = [chunk(1, 100), chunk(2, 700 * KiB), chunk(3, 256 * KiB), chunk(4, 0)];
    const { pull, here, asked } = await setup([chunks]);
    await here.chunks.put([chunks[0]!]);
    const digests = chunks.map(({ digest }) => digest);
    expect(await pull.fetch(digests, peers.slice(0, 1))).toEqual([]);
    expect(asked.map(({ source }) => source)).toEqual([
      { kind: "chunks", digests: digests.slice(1) },
    ]);
    for (const { digest, bytes } of chunks) {
      expect(Buffer.from((await here.chunks.get(digest))!).equals(bytes)).toBe(true);
    }
    expect(await pull.fetch(digests, peers)).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test("asks the next peer for what the first lacks, and says what nobody has", async () => {
    const [a, b, c] = [chunk(1, 10), chunk(2, 20), chunk(3, 30)];
    const { pull, asked } = await setup([[a], [b]]);
    const missing = await pull.fetch([a.digest, b.digest, c.digest], peers);
    expect(missing).toEqual([c.digest]);
    expect(asked[1]!.source).toEqual({ kind: "chunks", digests: [b.digest, c.digest] });
  });

  test("a chunk with other bytes is refused, the rest of its batch kept, another peer asked", async () => {
    const chunks = [chunk(1, 10), chunk(2, 20), chunk(3, 30)];
    const altered: Altered = async function* (pieces) {
      for await (const piece of pieces) {
        yield piece.item === 1 ? { ...piece, bytes: Buffer.alloc(20, 9) } : piece;
      }
    };
    const { pull, asked } = await setup([chunks, chunks], new Map([[1, altered]]));
    const digests = chunks.map(({ digest }) => digest);
    expect(await pull.fetch(digests, peers)).toEqual([]);
    expect(asked[1]!.source).toEqual({ kind: "chunks", digests: [digests[1]] });
  });

  test("a stream that breaks keeps what had arrived", async () => {
    const chunks = [chunk(1, 10), chunk(2, 20), chunk(3, 30)];
    const broken: Altered = async function* (pieces) {
      for await (const piece of pieces) {
        if (piece.item === 2) throw new Error("reset");
        yield piece;
      }
    };
    const { pull, asked } = await setup([chunks, chunks], new Map([[1, broken]]));
    const digests = chunks.map(({ digest }) => digest);
    expect(await pull.fetch(digests, peers)).toEqual([]);
    expect(asked[1]!.source).toEqual({ kind: "chunks", digests: [digests[2]] });
  });

  test("a chunk without end does not fill the memory", async () => {
    const endless: Altered = async function* () {
      for (;;) yield { bytes: new Uint8Array(MiB), item: 0, end: false, missing: false };
    };
    const { pull, memory } = await setup([[]], new Map([[1, endless]]));
    const { digest } = chunk(1, 10);
    expect(await pull.fetch([digest], peers.slice(0, 1))).toEqual([digest]);
    expect(memory.most).toBeLessThan(4 * MiB);
  });

  test("the bytes in memory stay within the window, whatever the size", async () => {
    const chunks = Array.from({ length: 40 }, (_, i) => chunk(i, MiB));
    const { pull, memory } = await setup([chunks]);
    const digests = chunks.map(({ digest }) => digest);
    expect(await pull.fetch(digests, peers.slice(0, 1))).toEqual([]);
    expect(memory.most).toBeGreaterThan(chunkWindowBytes / 2);
    expect(memory.most).toBeLessThanOrEqual(chunkWindowBytes + MiB);
  });

  test("a store that fails is this server's own trouble: no other peer is asked", async () => {
    const chunks = [chunk(1, 10)];
    const { pull, here, asked } = await setup([chunks, chunks]);
    here.chunks.put = () => Promise.reject(new Error("EIO"));
    await expect(pull.fetch([chunks[0]!.digest], peers)).rejects.toThrow("EIO");
    expect(asked).toHaveLength(1);
  });
});
