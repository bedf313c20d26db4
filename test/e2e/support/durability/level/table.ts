// Where in a table file of LevelDB (doc/table_format.md) a value lies. The files here are not compressed, so a value's bytes
// are in the file as they are.
import { type Cursor, type Located, readVarint } from "./located.ts";

const footerBytes = 48;
const magic = Buffer.from("57fb808b247547db", "hex");
/** Sequence number and kind, behind the user's key. */
const internalKeyBytes = 8;
const putKind = 1;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

function readHandle(bytes: Buffer, cursor: Cursor): Handle {
  const offset = readVarint(bytes, cursor);
  return { offset, size: readVarint(bytes, cursor) };
}

interface BlockEntry {
  readonly key: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Entries of one block, whose keys share prefixes, with the file offsets of their values. */
function blockEntries(bytes: Buffer, { offset, size }: Handle): readonly BlockEntry[] {
  const end = offset + size;
  if (bytes[end] !== 0) throw new Error("a compressed block");
  const entriesEnd = end - 4 - 4 * bytes.readUInt32LE(end - 4);
  const entries: BlockEntry[] = [];
  let key: Buffer = Buffer.alloc(0);
  for (const cursor = { at: offset }; cursor.at < entriesEnd; ) {
    const shared = readVarint(bytes, cursor);
    const own = readVarint(bytes, cursor);
    const valueBytes = readVarint(bytes, cursor);
    const from = cursor.at + own;
    key = Buffer.concat([key.subarray(0, shared), bytes.subarray(cursor.at, from)]);
    cursor.at = from + valueBytes;
    entries.push({ key, from, to: cursor.at });
  }
  return entries;
}

/** Every put of a table file, in order of keys. */
export function tablePuts(bytes: Buffer): readonly Located[] {
  if (!bytes.subarray(-magic.length).equals(magic)) throw new Error("not a table file");
  const footer: Cursor = { at: bytes.length - footerBytes };
  readHandle(bytes, footer);
  const blocks = blockEntries(bytes, readHandle(bytes, footer)).map(({ from }) =>
    readHandle(bytes, { at: from }),
  );
  return blocks
    .flatMap((block) => blockEntries(bytes, block))
    .filter(({ key }) => key[key.length - internalKeyBytes] === putKind)
    .map(({ key, from, to }) => ({
      key: key.subarray(0, -internalKeyBytes),
      value: bytes.subarray(from, to),
      // Its lowest byte is the kind.
      sequence: Number(key.readBigUInt64LE(key.length - internalKeyBytes) >> 8n),
      at: (byte: number) => from + byte,
    }));
}
