// One LevelDB database, as narrow as the stores need it. Everything that the `level` package leaves open is
// decided here: no compression, binary keys and values, every write synced, an explicit open.
import { Level } from "level";
import type { ErrorFactory } from "../../base/errors.ts";
import { messageOf } from "../../base/errors.ts";
import { storageErrors } from "../errors.ts";

/** Frozen content for reads, while a write is on its way. */
export interface Pin {
  close(): Promise<void>;
}

/**
 * Collects one atomic write. Keys and values of a small batch may be reused at once, those of another one when
 * `commit` was called.
 */
export interface Batch {
  put(key: Uint8Array, value: Uint8Array): void;
  del(key: Uint8Array): void;
  /** Synced when it resolves. */
  commit(): Promise<void>;
}

export type Pair = readonly [key: Uint8Array, value: Uint8Array];

export interface Database {
  /** `small`: small values, or 16 KiB in all, which take a faster path. */
  batch(values: "small" | "large"): Batch;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  getSync(key: Uint8Array, pin: Pin | undefined): Uint8Array | undefined;
  pin(): Pin;
  /** Pairs of [from, to) in key order, some at a time. */
  pages(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly Pair[]>;
  /** Keys of [from, to) in key order, some at a time. */
  keyPages(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly Uint8Array[]>;
  /** Bytes of table files that [from, to) takes, deleted values included. */
  approximateBytes(from: Uint8Array, to: Uint8Array): Promise<number>;
  /** Rewrites the tables of [from, to) without what was deleted. */
  compact(from: Uint8Array, to: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly directory: string;
  readonly writeBufferBytes: number;
  readonly tableBytesMax: number;
  /** The error for files that LevelDB itself finds damaged. */
  readonly damaged: ErrorFactory;
}

const blockCacheBytes = 8 * 1024 * 1024;
const pageBytes = 256 * 1024;
const pagePairsMax = 1024;

interface Cursor<T> {
  nextv(size: number): Promise<T[]>;
  close(): Promise<void>;
}
interface RangeOptions {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly highWaterMarkBytes: number;
}
interface Operation {
  readonly type: "put" | "del";
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}
interface WriteOptions {
  readonly sync: true;
}

interface Chain {
  put(key: Uint8Array, value: Uint8Array): unknown;
  del(key: Uint8Array): unknown;
  write(options: WriteOptions): Promise<void>;
}

/** What `level` is in Node: the type that it publishes only has what browsers offer too. */
interface NodeLevel {
  open(): Promise<void>;
  close(): Promise<void>;
  batch(): Chain;
  batch(operations: readonly Operation[], options: WriteOptions): Promise<void>;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  getSync(key: Uint8Array, options?: { readonly snapshot: Pin }): Uint8Array | undefined;
  snapshot(): Pin;
  iterator(range: RangeOptions): Cursor<Pair>;
  keys(range: RangeOptions): Cursor<Uint8Array>;
  approximateSize(from: Uint8Array, to: Uint8Array): Promise<number>;
  compactRange(from: Uint8Array, to: Uint8Array): Promise<void>;
}

/**
 * An operation in an array costs 6 µs, in a chained batch 1 µs (64 values of 256 bytes), but the native
 * memory of a chained batch is only freed by the garbage collector: right for small batches only.
 */
class ChainedBatch implements Batch {
  readonly #batch: Chain;

  constructor(level: NodeLevel) {
    this.#batch = level.batch();
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#batch.put(key, value);
  }

  del(key: Uint8Array): void {
    this.#batch.del(key);
  }

  commit(): Promise<void> {
    return this.#batch.write({ sync: true });
  }
}

class ArrayBatch implements Batch {
  readonly #level: NodeLevel;
  readonly #operations: Operation[] = [];

  constructor(level: NodeLevel) {
    this.#level = level;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#operations.push({ type: "put", key, value });
  }

  del(key: Uint8Array): void {
    this.#operations.push({ type: "del", key });
  }

  commit(): Promise<void> {
    return this.#level.batch(this.#operations, { sync: true });
  }
}

/** Always closes the cursor: an open one pins the table files below it. */
async function* drain<T>(cursor: Cursor<T>): AsyncGenerator<readonly T[]> {
  try {
    for (;;) {
      const page = await cursor.nextv(pagePairsMax);
      if (page.length === 0) return;
      yield page;
    }
  } finally {
    await cursor.close();
  }
}

function wrap(level: NodeLevel): Database {
  const range = (gte: Uint8Array, lt: Uint8Array): RangeOptions => ({
    gte,
    lt,
    highWaterMarkBytes: pageBytes,
  });
  return {
    batch: (values) => (values === "small" ? new ChainedBatch(level) : new ArrayBatch(level)),
    get: (key) => level.get(key),
    getSync: (key, pin) =>
      pin === undefined ? level.getSync(key) : level.getSync(key, { snapshot: pin }),
    pin: () => level.snapshot(),
    pages: (from, to) => drain(level.iterator(range(from, to))),
    keyPages: (from, to) => drain(level.keys(range(from, to))),
    approximateBytes: (from, to) => level.approximateSize(from, to),
    compact: (from, to) => level.compactRange(from, to),
    close: () => level.close(),
  };
}

/**
 * LevelDB itself met damage: at a read, or in a merge in the background, after which every write fails with it, also in the
 * next life of the process.
 */
export function isCorruption(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "LEVEL_CORRUPTION";
}

/** The code that classic-level puts on the cause of a failed open. */
function causeCode(thrown: unknown): string | undefined {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Creates the database when there is none. Fails with DATA_DIRECTORY_IN_USE, `damaged` or OPEN_FAILED. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { directory } = options;
  const level = new Level<Uint8Array, Uint8Array>(directory, {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
    cacheSize: blockCacheBytes,
    writeBufferSize: options.writeBufferBytes,
    maxFileSize: options.tableBytesMax,
  }) as unknown as NodeLevel;
  try {
    await level.open();
  } catch (cause) {
    const code = causeCode(cause);
    const details = { fields: { directory }, cause };
    if (code === "LEVEL_LOCKED") {
      throw storageErrors.DATA_DIRECTORY_IN_USE(`another process has opened ${directory}`, details);
    }
    const reason = messageOf(cause instanceof Error ? (cause.cause ?? cause) : cause);
    if (code === "LEVEL_CORRUPTION") {
      throw options.damaged(`LevelDB finds ${directory} damaged: ${reason}`, details);
    }
    throw storageErrors.OPEN_FAILED(`${directory} could not be opened: ${reason}`, details);
  }
  return wrap(level);
}
