// Every chunk against its digest, and the index against the chunks.
import { messageOf } from "../../base/errors.ts";
import { storageErrors } from "../errors.ts";
import { type ChunkIndex, readChunkIndex } from "../level/chunk-index.ts";
import { sha256Hex } from "../level/chunk-recovery.ts";
import type { Database } from "../level/database.ts";
import { arrivalKey, chunksEnd, digestKey, readChunkKey } from "../level/keys.ts";
import type { Findings } from "./findings.ts";

const chunksPart = "chunks";
const indexPart = "chunk-index";

export interface CheckedChunks {
  readonly intact: number;
  readonly damaged: number;
  /** Bytes that a crash left behind; the next start deletes them. */
  readonly leftOver: number;
}

export interface ChunkDatabases {
  readonly chunks: Database;
  /** Undefined when there is none. */
  readonly index: Database | undefined;
}

export interface ChunkCheck {
  readonly findings: Findings;
  readonly notes: string[];
  /** Told of bytes as they are read. */
  readonly read: (bytes: number) => void;
}

async function hasKeys(index: Database): Promise<boolean> {
  for await (const page of index.keyPages(digestKey(""), Buffer.of(0xff))) {
    if (page.length > 0) return true;
  }
  return false;
}

/** Undefined when it cannot be used, which was said then. */
async function indexOf(index: Database, { findings }: ChunkCheck): Promise<ChunkIndex | undefined> {
  const damaged = (what: string, cause?: unknown): void => {
    const error = storageErrors.CORRUPT_CHUNK(`the index of the chunks ${what}`, { cause });
    findings.add(indexPart, error);
  };
  try {
    const read = await readChunkIndex(index);
    if (read === undefined) {
      const why = (await hasKeys(index)) ? "is damaged" : "is empty";
      damaged(`${why}; a start verifies all chunks and builds it again`);
    }
    return read;
  } catch (cause) {
    damaged(`cannot be read: ${messageOf(cause)}`, cause);
    return undefined;
  }
}

class ChunkComparison {
  readonly #index: ChunkIndex | undefined;
  readonly #check: ChunkCheck;
  readonly #garbage: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  #intact = 0;
  #damaged = 0;
  #leftOver = 0;

  constructor(index: ChunkIndex | undefined, check: ChunkCheck) {
    this.#index = index;
    this.#check = check;
    const garbage = index?.garbage ?? [];
    this.#garbage = new Set(garbage.map(({ arrival, digest }) => `${String(arrival)} ${digest}`));
  }

  chunk(key: Uint8Array, bytes: Uint8Array): void {
    const address = readChunkKey(key);
    if (address === undefined) {
      this.#finding(`a key in chunks/ is none of ours: ${Buffer.from(key).toString("hex")}`);
      return;
    }
    const { arrival, digest } = address;
    const place = this.#index?.places.get(digest);
    const isNamed = place?.arrival === arrival;
    if (isNamed) this.#seen.add(digest);
    if (!isNamed && this.#isLeftOver(arrival, digest)) {
      this.#leftOver += 1;
      return;
    }
    const at = `chunk ${digest} (arrival ${String(arrival)})`;
    if (sha256Hex(bytes) !== digest) this.#finding(`${at} does not match its digest`);
    else if (isNamed && place.lengthBytes !== bytes.length)
      this.#finding(`${at} has another length than its index says`);
    else if (!isNamed && this.#index !== undefined)
      this.#finding(`${at} is intact, but its index does not know it`);
    else this.#intact += 1;
  }

  end(): CheckedChunks {
    for (const digest of this.#index?.places.keys() ?? []) {
      if (!this.#seen.has(digest))
        this.#finding(`chunk ${digest} is in the index, but its bytes are missing`);
    }
    return { intact: this.#intact, damaged: this.#damaged, leftOver: this.#leftOver };
  }

  #isLeftOver(arrival: number, digest: string): boolean {
    if (this.#index === undefined) return false;
    const isNew = arrival >= this.#index.nextArrival;
    return isNew || this.#garbage.has(`${String(arrival)} ${digest}`);
  }

  #finding(what: string): void {
    this.#damaged += 1;
    this.#check.findings.add(chunksPart, storageErrors.CORRUPT_CHUNK(what));
  }
}

async function isEmpty(chunks: Database): Promise<boolean> {
  for await (const page of chunks.keyPages(arrivalKey(0), chunksEnd)) {
    if (page.length > 0) return false;
  }
  return true;
}

/** Reads every chunk. */
export async function checkChunks(
  { chunks, index }: ChunkDatabases,
  check: ChunkCheck,
): Promise<CheckedChunks> {
  const { findings, notes, read } = check;
  let known: ChunkIndex | undefined;
  if (index !== undefined) {
    const isNew = !(await hasKeys(index)) && (await isEmpty(chunks));
    if (!isNew) known = await indexOf(index, check);
  } else if (!(await isEmpty(chunks))) {
    notes.push("there is no index of the chunks; the next start verifies all and builds it again");
  }
  const comparison = new ChunkComparison(known, check);
  try {
    for await (const page of chunks.pages(arrivalKey(0), chunksEnd)) {
      for (const [key, bytes] of page) {
        comparison.chunk(key, bytes);
        read(bytes.length);
      }
    }
  } catch (cause) {
    const what = `LevelDB cannot read further in chunks/: ${messageOf(cause)}`;
    findings.add(chunksPart, storageErrors.CORRUPT_CHUNK(what, { cause }));
  }
  return comparison.end();
}
