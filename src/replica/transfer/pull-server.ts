// The serving side of pulls: snapshots piece by piece from their file, chunks verified by the store. A chunk
// that is damaged here is answered as missing; the scrub repairs it, and the other server asks somebody else.
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { messageOf } from "../../base/errors.ts";
import type { Hash64 } from "../../base/hash.ts";
import type { Logger } from "../../base/logger.ts";
import { type Index, type PeerId, index as toIndex } from "../../base/numbers.ts";
import { utf8Encode } from "../../base/utf8.ts";
import type { ChunkStore, SnapshotStore } from "../../storage/contract.ts";
import type { PullPiece, PullSource } from "../../transport/contract.ts";
import { pullPieceBytes } from "../limits.ts";
import { StreamSum } from "./stream-sum.ts";

export interface PullServerModules {
  readonly snapshots: Pick<SnapshotStore, "latest" | "read">;
  readonly chunks: Pick<ChunkStore, "get">;
  readonly hash: Hash64;
  readonly logger: Logger;
  /** A peer was given a piece of the snapshot. */
  readonly onSnapshotPiece: (peer: PeerId) => void;
}

const noBytes = new Uint8Array(0);

export class PullServer {
  readonly #modules: PullServerModules;
  #snapshotPulls = 0;

  constructor(modules: PullServerModules) {
    this.#modules = modules;
  }

  /** Pulls of a snapshot under way: it should not be replaced now. */
  get snapshotPulls(): number {
    return this.#snapshotPulls;
  }

  serve(from: PeerId, source: PullSource): AsyncIterable<PullPiece> {
    if (source.kind === "chunks") return this.#chunks(source.digests);
    return this.#snapshot(from, toIndex(source.index), source.offset);
  }

  /** Handler of `replica.snapshot-sum`: index → the sum of the snapshot's bytes. */
  readonly snapshotSum = async (request: Uint8Array): Promise<Uint8Array> => {
    const index = readSnapshotIndex(request);
    const sum = new StreamSum(this.#modules);
    for await (const bytes of this.#read(index, 0)) sum.add(bytes);
    return utf8Encode(sum.finish());
  };

  async *#snapshot(from: PeerId, index: Index, offset: number): AsyncGenerator<PullPiece> {
    this.#snapshotPulls += 1;
    try {
      for await (const bytes of this.#read(index, offset)) {
        this.#modules.onSnapshotPiece(from);
        yield { bytes, item: 0, end: false, missing: false };
      }
      yield { bytes: noBytes, item: 0, end: true, missing: false };
    } finally {
      this.#snapshotPulls -= 1;
    }
  }

  /** Fails with the store's NOT_FOUND when the snapshot has been replaced by a newer one. */
  async *#read(index: Index, from: number): AsyncGenerator<Uint8Array> {
    const { snapshots } = this.#modules;
    for (let offset = from; ; ) {
      const bytes = await snapshots.read(index, offset, pullPieceBytes);
      if (bytes.length === 0) return;
      yield bytes;
      offset += bytes.length;
    }
  }

  async *#chunks(digests: readonly string[]): AsyncGenerator<PullPiece> {
    for (const [item, digest] of digests.entries()) {
      const bytes = await this.#chunk(digest);
      if (bytes === undefined) {
        yield { bytes: noBytes, item, end: true, missing: true };
        continue;
      }
      for (let at = 0; at < bytes.length || at === 0; at += pullPieceBytes) {
        const end = at + pullPieceBytes >= bytes.length;
        yield { bytes: bytes.subarray(at, at + pullPieceBytes), item, end, missing: false };
      }
    }
  }

  async #chunk(digest: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#modules.chunks.get(digest);
    } catch (thrown) {
      this.#modules.logger.warn({ digest, error: messageOf(thrown) }, "a chunk cannot be served");
      return undefined;
    }
  }
}

/** The payload of the calls about one snapshot: its index. */
export function writeSnapshotIndex(index: Index): Uint8Array {
  return new ByteWriter(8).varint(index).finish();
}

function readSnapshotIndex(request: Uint8Array): Index {
  const reader = new ByteReader(request);
  const index = toIndex(reader.varint());
  reader.end();
  return index;
}
