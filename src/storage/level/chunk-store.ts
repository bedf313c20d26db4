// Jar bytes: each chunk once, under an ascending arrival number, so that LevelDB moves its files down the
// levels without rewriting them. The index is a second database, because small keys between large values
// would bring the rewriting back.
import { setImmediate as nextTurn } from "node:timers/promises";
import { compareStrings } from "../../base/bytes.ts";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { checkChunks } from "../chunk-rules.ts";
import type { Chunk, ChunkStore } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { WriteGate } from "../write-gate.ts";
import { isUnreadable, tellsOfDamage } from "./chunk-damage.ts";
import type { ChunkPlace } from "./chunk-index.ts";
import { encodeNext, encodePlace } from "./chunk-index.ts";
import type { RecoveredChunks } from "./chunk-recovery.ts";
import { deleteBytes, sha256Hex } from "./chunk-recovery.ts";
import type { Database } from "./database.ts";
import type { ChunkAddress } from "./keys.ts";
import { arrivalKey, chunkKey, digestKey, garbageKey, nextArrivalKey } from "./keys.ts";
import { SpaceReclaimer } from "./space.ts";

const deadBytesMin = 64 * 1024 * 1024;

export interface LevelChunkStoreModules {
  readonly chunks: Database;
  readonly index: Database;
  readonly logger: Logger;
}

interface Placed extends ChunkPlace {
  readonly digest: string;
}

/** Either the verified bytes, or what is wrong with them. */
type Read =
  | { readonly bytes: Uint8Array }
  | {
      readonly bytes: undefined;
      readonly problem: string;
      /** Reading again would find the same. Otherwise the disk may only have failed to answer this once. */
      readonly isLasting: boolean;
      readonly cause?: unknown;
    };

export class LevelChunkStore implements ChunkStore {
  readonly #chunks: Database;
  readonly #index: Database;
  readonly #places: Map<string, ChunkPlace>;
  /** Found damaged by `get`: not part of the inventory, bytes still there until they are replaced. */
  readonly #damaged = new Map<string, ChunkPlace>();
  readonly #gate = new WriteGate({ store: "the chunk store" });
  readonly #reclaimer: SpaceReclaimer;
  #nextArrival: number;
  #bytes = 0;

  constructor(recovered: RecoveredChunks, modules: LevelChunkStoreModules) {
    this.#chunks = modules.chunks;
    this.#index = modules.index;
    this.#places = recovered.places;
    this.#nextArrival = recovered.nextArrival;
    for (const place of recovered.places.values()) this.#bytes += place.lengthBytes;
    this.#reclaimer = new SpaceReclaimer(
      { deadBytesMin },
      { database: modules.chunks, logger: modules.logger },
    );
  }

  async put(chunks: readonly Chunk[]): Promise<void> {
    this.#gate.check();
    checkChunks(chunks);
    const wanted = new Map<string, Uint8Array>();
    for (const { digest, bytes } of chunks) {
      const found = sha256Hex(bytes);
      if (found !== digest) {
        throw storageErrors.DIGEST_MISMATCH(
          `a chunk announced as ${digest} has the digest ${found}`,
          {
            fields: { digest, found },
          },
        );
      }
      wanted.set(digest, bytes);
      if (chunks.length > 1) await nextTurn();
    }
    await this.#gate.exclusive(() => this.#store(wanted));
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    this.#gate.check();
    const place = this.#places.get(digest);
    if (place === undefined) return undefined;
    const read = await this.#read(digest, place);
    if (read.bytes !== undefined) return read.bytes;
    if (this.#places.get(digest)?.arrival !== place.arrival) return this.get(digest);
    this.#forget(digest, place);
    this.#damaged.set(digest, place);
    if (read.isLasting) await this.#gate.exclusive(() => this.#disown(digest, place));
    const { problem, cause } = read;
    const text = `the stored chunk ${digest} ${problem}`;
    throw storageErrors.CORRUPT_CHUNK(text, { fields: { digest }, cause });
  }

  has(digest: string): boolean {
    return this.#places.has(digest);
  }

  async remove(digests: readonly string[]): Promise<void> {
    const leaving = this.#hide(digests);
    await this.#gate.exclusive(() => this.#remove(digests, leaving));
  }

  digests(): readonly string[] {
    return [...this.#places.keys()].sort(compareStrings);
  }

  stats(): { readonly chunks: number; readonly bytes: number } {
    return { chunks: this.#places.size, bytes: this.#bytes };
  }

  async close(): Promise<void> {
    await this.#reclaimer.stop();
    if (!(await this.#gate.close())) return;
    await this.#chunks.close();
    await this.#index.close();
  }

  /** Bytes first, index second: a crash in between leaves bytes that the next open deletes. */
  async #store(wanted: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const bytes = this.#chunks.batch("large");
    const index = this.#index.batch("small");
    const placed: Placed[] = [];
    const replaced: ChunkAddress[] = [];
    for (const [digest, data] of wanted) {
      if (this.#places.has(digest)) continue;
      const damaged = this.#damaged.get(digest);
      if (damaged !== undefined) replaced.push({ digest, arrival: damaged.arrival });
      const place = {
        digest,
        arrival: this.#nextArrival + placed.length,
        lengthBytes: data.length,
      };
      placed.push(place);
      bytes.put(chunkKey(place.arrival, digest), data);
      index.put(digestKey(digest), encodePlace(digest, place));
    }
    if (placed.length === 0) return;
    this.#nextArrival += placed.length;
    index.put(nextArrivalKey, encodeNext(this.#nextArrival));
    for (const address of replaced) index.put(garbageKey(address), new Uint8Array(0));
    await this.#gate.io(() => bytes.commit());
    await this.#gate.io(() => index.commit());
    for (const { digest, ...place } of placed) {
      this.#damaged.delete(digest);
      this.#places.set(digest, place);
      this.#bytes += place.lengthBytes;
    }
    await this.#delete(replaced);
  }

  /** What is about to be deleted is not promised to anybody from now on, however long the write has to wait. */
  #hide(digests: readonly string[]): Placed[] {
    const hidden: Placed[] = [];
    for (const digest of new Set(digests)) {
      const place = this.#places.get(digest);
      if (place === undefined) continue;
      this.#forget(digest, place);
      hidden.push({ digest, ...place });
    }
    return hidden;
  }

  /** `leaving`: hidden when the removal was asked for; a put that was under way then may have come since. */
  async #remove(digests: readonly string[], leaving: readonly Placed[]): Promise<void> {
    const gone = [...leaving, ...this.#hide(digests), ...this.#damagedOf(digests)];
    if (gone.length === 0) return;
    const index = this.#index.batch("small");
    let lengthBytes = 0;
    for (const { lengthBytes: bytes, ...address } of gone) {
      lengthBytes += bytes;
      index.del(digestKey(address.digest));
      index.put(garbageKey(address), new Uint8Array(0));
    }
    await this.#gate.io(() => index.commit());
    for (const { digest } of gone) this.#damaged.delete(digest);
    await this.#delete(gone);
    this.#noteSpace(gone, lengthBytes);
  }

  #damagedOf(digests: readonly string[]): Placed[] {
    const found: Placed[] = [];
    for (const digest of new Set(digests)) {
      const place = this.#damaged.get(digest);
      if (place !== undefined) found.push({ digest, ...place });
    }
    return found;
  }

  /** Durably: otherwise the next start would promise these bytes again. The next open deletes them. */
  async #disown(digest: string, place: ChunkPlace): Promise<void> {
    if (this.#damaged.get(digest) !== place) return;
    const index = this.#index.batch("small");
    index.del(digestKey(digest));
    index.put(garbageKey({ digest, arrival: place.arrival }), new Uint8Array(0));
    await this.#gate.io(() => index.commit());
  }

  #forget(digest: string, place: ChunkPlace): void {
    this.#places.delete(digest);
    this.#bytes -= place.lengthBytes;
  }

  async #delete(addresses: readonly ChunkAddress[]): Promise<void> {
    await this.#gate.io(() => deleteBytes({ chunks: this.#chunks, index: this.#index }, addresses));
  }

  /** One dead range per run of neighbours: chunks of one upload arrived together and go together. */
  #noteSpace(gone: readonly ChunkAddress[], lengthBytes: number): void {
    const arrivals = gone.map(({ arrival }) => arrival).sort((a, b) => a - b);
    const share = lengthBytes / arrivals.length;
    for (let at = 0; at < arrivals.length; ) {
      const first = arrivals[at] ?? 0;
      let count = 1;
      while (arrivals[at + count] === first + count) count += 1;
      const range = { from: arrivalKey(first), to: arrivalKey(first + count) };
      this.#reclaimer.dropped(range, share * count);
      at += count;
    }
  }

  async #read(digest: string, { arrival }: ChunkPlace): Promise<Read> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.#chunks.get(chunkKey(arrival, digest));
    } catch (cause) {
      const problem = `could not be read: ${messageOf(cause)}`;
      if (isUnreadable(cause)) {
        return { bytes: undefined, problem, isLasting: tellsOfDamage(cause), cause };
      }
      throw storageErrors.READ_FAILED(`the chunk ${digest} ${problem}`, {
        fields: { digest },
        cause,
      });
    }
    if (bytes === undefined) return { bytes, problem: "is missing", isLasting: true };
    if (sha256Hex(bytes) === digest) return { bytes };
    return { bytes: undefined, problem: "does not match its digest", isLasting: true };
  }
}
