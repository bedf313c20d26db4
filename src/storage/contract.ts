// What the rest of the program may rely on from stable storage. This comment is the one place where
// durability, ordering and errors are promised; test/conformance/storage holds every implementation to it.
//
// Durability: a resolved promise of `append`, `SnapshotWriter.commit`, `ChunkStore.put` or `remove` means the
// data survives kill -9 and loss of power. Ordering: batches of one LogStore become durable in the order of
// the calls; at most one `append` may be in flight (asserted). Errors: the first failed write or fsync is
// final (`QUORATE_STORAGE_WRITE_FAILED`): every later call fails with it too, and the server stops (fail-stop).
import type { Index } from "../base/numbers.ts";
import type { LogView } from "../raft/log-view.ts";
import type { Entry, HardState, SnapshotMeta } from "../raft/types.ts";

/** One atomic, synced write. An entry at or below the last index first drops the old suffix from there on. */
export interface LogBatch {
  /** Contiguous; the first index is at most `view.lastIndex() + 1` and at least `view.firstIndex()`. */
  readonly entries: readonly Entry[];
  /** Undefined = unchanged. */
  readonly hardState: HardState | undefined;
}

export interface LogStore {
  /** The durable log, read synchronously; reflects an append once its promise has resolved. */
  readonly view: LogView;
  append(batch: LogBatch): Promise<void>;
  /**
   * After a snapshot: the log now begins after `snapshot.index`. With `keepFrom` ≤ snapshot.index + 1 the entries
   * from there on stay readable (the trailing window for slow followers). When the log does not contain
   * (snapshot.index, snapshot.term), everything is dropped: the snapshot replaces the log. Atomic and synced;
   * space is given back later, throttled.
   */
  compact(snapshot: SnapshotMeta, keepFrom: Index): Promise<void>;
  /** Bytes and counts for metrics; constant time. */
  stats(): LogStats;
  /** Waits for the write in flight; idempotent. */
  close(): Promise<void>;
}

export interface LogStats {
  readonly entries: number;
  readonly cachedBytes: number;
  readonly appends: number;
  readonly appendedBytes: number;
}

/** Snapshot bytes in order; visible (as `latest`) only after `commit`. Abandoned parts vanish at the next open. */
export interface SnapshotWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Synced, renamed into place, directory synced; older snapshots are removed afterwards. */
  commit(): Promise<SnapshotInfo>;
  abort(): Promise<void>;
}

export interface SnapshotInfo {
  readonly meta: SnapshotMeta;
  readonly sizeBytes: number;
  /** Checksum over all bytes, compared on every full read and after a pull. */
  readonly checksum: string;
}

export interface SnapshotStore {
  /** The newest complete snapshot; undefined when there is none. Synchronous, from memory. */
  latest(): SnapshotInfo | undefined;
  create(meta: SnapshotMeta): Promise<SnapshotWriter>;
  /** Bytes [offset, offset + length) of the newest snapshot; fails with NOT_FOUND when `index` is not it. */
  read(index: Index, offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Chunk bytes by SHA-256 (64 lower-case hexadecimal digits). */
export interface ChunkStore {
  /**
   * Stores what is not there yet, in one synced batch; the digest of every chunk is computed and a mismatch
   * is refused (`QUORATE_STORAGE_DIGEST_MISMATCH`) with nothing stored.
   */
  put(chunks: readonly Chunk[]): Promise<void>;
  /**
   * The bytes, verified against the digest; undefined when absent. A damaged chunk throws CORRUPT_CHUNK and leaves
   * the inventory (`has`, `digests`, `stats`), so that it is fetched again; `put` then replaces it.
   */
  get(digest: string): Promise<Uint8Array | undefined>;
  has(digest: string): boolean;
  /** Synced. Unknown digests are ignored. */
  remove(digests: readonly string[]): Promise<void>;
  /** All digests that are here, sorted. */
  digests(): readonly string[];
  stats(): { readonly chunks: number; readonly bytes: number };
  close(): Promise<void>;
}

export interface Chunk {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/**
 * Who this data directory is; one small file, replaced atomically. `clusterId` is empty and `peerId` 0 until
 * the directory was admitted to a cluster.
 */
export interface Identity {
  readonly clusterId: string;
  /** Grows with every forced recovery of the cluster. */
  readonly generation: number;
  readonly serverId: string;
  /** New for every empty data directory (random, 16 hexadecimal digits). */
  readonly incarnation: string;
  readonly peerId: number;
  readonly formatVersion: number;
  /** Counts the starts of this directory. */
  readonly bootCounter: number;
  /** Random per start; peers remember the newest pair (bootCounter, bootNonce). */
  readonly bootNonce: string;
  /** A peer has accepted a stream of this start: it may remember it. */
  readonly isBootHeard: boolean;
  /** Starts before this one that a peer may remember, ascending; bounded. */
  readonly earlierBoots: readonly EarlierBoot[];
  /** Starts with a smaller number may be missing from `earlierBoots` although a peer remembers them. */
  readonly bootsKnownSince: number;
}

/** A start of this directory before the present one. */
export interface EarlierBoot {
  readonly counter: number;
  readonly nonce: string;
  /** As `isBootHeard` was at its end. */
  readonly isHeard: boolean;
}

/** Everything of one data directory, opened and locked by one process. */
export interface DataDirectory {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
  readonly chunks: ChunkStore;
  readonly identity: Identity;
  /** Durable before it resolves. */
  saveIdentity(identity: Identity): Promise<void>;
  /** The formation proposal this empty directory accepted (registry/formation encodes it); undefined = none. */
  readonly formation: Uint8Array | undefined;
  /** Durable before it resolves; a directory accepts one proposal in its life (asserted). */
  saveFormation(accepted: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
