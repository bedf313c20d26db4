// What a LevelDB consists of: the manifest lists, edit by edit, which table files belong to the database and how long
// they are (LevelDB db/version_edit.cc). Read here, because LevelDB itself forgives a table that went missing or shorter
// until somebody asks for what was in it.
import { ByteReader, DecodeError } from "../../base/bytes.ts";
import { fragmentTypes, readFragment, skipPadding } from "./log-format.ts";

const { full, first, last } = fragmentTypes;
/** Tags of the fields of an edit; 8 was used once and is not any more. */
const tags = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;

export interface Manifest {
  /** Number of each table file that belongs to the database → its size in bytes. */
  readonly tables: ReadonlyMap<number, number>;
  /** Write-ahead logs below this number are in tables by now and only wait to be deleted, but for the one of `previousLog`. */
  readonly firstLog: number;
  /** 0 = none; a log that older releases of LevelDB wrote beside the newest one. */
  readonly previousLog: number;
}

interface Edited {
  readonly tables: Map<number, number>;
  firstLog: number;
  previousLog: number;
}

export interface ManifestDamage {
  readonly offset: number;
  readonly reason: string;
}

interface RecordAt {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Whole records in order. A record that is cut at the end of the file, or of which a power loss has left zeros, was never
 * synced: nothing rests on it.
 */
function readRecords(bytes: Buffer): readonly RecordAt[] | ManifestDamage {
  const records: RecordAt[] = [];
  let parts: Buffer[] = [];
  let offset = 0;
  for (let at = skipPadding(0); at < bytes.length; ) {
    const fragment = readFragment(bytes, at);
    if (fragment.kind === "cut") return records;
    if (fragment.kind === "bad") {
      if (bytes.subarray(at).every((byte) => byte === 0)) return records;
      return { offset: at, reason: fragment.reason };
    }
    const isBegin = fragment.type === full || fragment.type === first;
    if (isBegin !== (parts.length === 0))
      return { offset: at, reason: "a record without its beginning or end" };
    if (isBegin) offset = at;
    parts.push(bytes.subarray(fragment.from, fragment.to));
    if (fragment.type === full || fragment.type === last) {
      records.push({ offset, bytes: Buffer.concat(parts) });
      parts = [];
    }
    at = skipPadding(fragment.to);
  }
  return records;
}

function applyField(reader: ByteReader, edited: Edited): void {
  const tag = reader.varint();
  switch (tag) {
    case tags.comparator:
      reader.bytes();
      return;
    case tags.nextFile:
    case tags.lastSequence:
      reader.varint();
      return;
    case tags.logNumber:
      edited.firstLog = reader.varint();
      return;
    case tags.previousLog:
      edited.previousLog = reader.varint();
      return;
    case tags.compactPointer:
      reader.varint();
      reader.bytes();
      return;
    case tags.deletedFile:
      reader.varint();
      edited.tables.delete(reader.varint());
      return;
    case tags.newFile: {
      reader.varint();
      const [number, sizeBytes] = [reader.varint(), reader.varint()];
      edited.tables.set(number, sizeBytes);
      reader.bytes();
      reader.bytes();
      return;
    }
    default:
      throw new DecodeError(`an unknown field ${String(tag)}`);
  }
}

/** Reads the bytes of a MANIFEST file. */
export function readManifest(bytes: Buffer): Manifest | ManifestDamage {
  const records = readRecords(bytes);
  if ("reason" in records) return records;
  if (records.length === 0) return { offset: 0, reason: "no record" };
  const edited: Edited = { tables: new Map(), firstLog: 0, previousLog: 0 };
  for (const record of records) {
    try {
      const reader = new ByteReader(record.bytes);
      while (reader.left > 0) applyField(reader, edited);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { offset: record.offset, reason: error.message };
    }
  }
  return edited;
}
