// One table file of LevelDB, block by block (LevelDB doc/table_format.md): data blocks, an index of them, a filter that says
// which keys are surely not in it, and a footer of 48 bytes that says where these are. Every block ends in a type byte and a masked CRC-32C of block and type, which LevelDB
// writes and, as Node has it, never compares: a flipped bit in the index or in the filter hides entries without an error, one
// in a length ends the process.
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { ByteReader, DecodeError } from "../../base/bytes.ts";
import { crc32c, maskCrc32c } from "../crc32c.ts";

const footerBytes = 48;
const trailerBytes = 5;
/** A larger table is read block by block, so that memory stays bounded. Those of the log have some 8 MiB. */
const readOnceBytesMax = 32 * 1024 * 1024;
/** The last eight bytes of every table. */
const magic = Buffer.from("57fb808b247547db", "hex");

/** `index`: only what is needed to find the data blocks; for data that has a proof of its own. */
export type TableDepth = "whole" | "index";

export interface TableDamage {
  readonly offset: number;
  readonly reason: string;
}

interface Handle {
  readonly offset: number;
  readonly sizeBytes: number;
}

function readHandle(reader: ByteReader): Handle {
  return { offset: reader.varint(), sizeBytes: reader.varint() };
}

/** The values of an index block are the handles of other blocks, in the order of the file. */
function handlesIn(block: Buffer): readonly Handle[] {
  if (block.length < 4) throw new DecodeError("an index without an end");
  const restarts = block.readUInt32LE(block.length - 4);
  const end = block.length - 4 * (restarts + 1);
  if (end < 0) throw new DecodeError("an index with more restarts than bytes");
  const reader = new ByteReader(block.subarray(0, end));
  const handles: Handle[] = [];
  while (reader.left > 0) {
    reader.varint();
    const [keyBytes, valueBytes] = [reader.varint(), reader.varint()];
    reader.raw(keyBytes);
    handles.push(readHandle(new ByteReader(reader.raw(valueBytes))));
  }
  return handles;
}

/** Bytes [offset, offset + length) of a file. */
type ReadAt = (offset: number, length: number) => Promise<Buffer> | Buffer;

/** For a few blocks of a large table. */
function readPiecewise(file: FileHandle): ReadAt {
  return async (offset, length) => {
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead < length) throw new DecodeError("a table that became shorter");
    return bytes;
  };
}

/** For all blocks of a table that is no longer than that: asking the system once per block takes ten times as long. */
async function readOnce(file: FileHandle): Promise<ReadAt> {
  const whole = await file.readFile();
  return (offset, length) => {
    const bytes = whole.subarray(offset, offset + length);
    if (bytes.length < length) throw new DecodeError("a table that became shorter");
    return bytes;
  };
}

class Table {
  readonly #read: ReadAt;
  readonly #sizeBytes: number;

  constructor(read: ReadAt, sizeBytes: number) {
    this.#read = read;
    this.#sizeBytes = sizeBytes;
  }

  async check(depth: TableDepth): Promise<TableDamage | undefined> {
    const footerAt = this.#sizeBytes - footerBytes;
    if (footerAt < 0) return { offset: 0, reason: "a table without a footer" };
    const footer = await this.#read(footerAt, footerBytes);
    if (!footer.subarray(footerBytes - magic.length).equals(magic)) {
      // LevelDB itself refuses such a table, cleanly, and the others are there.
      if (depth === "index") return undefined;
      return { offset: footerAt, reason: "a footer without its mark" };
    }
    const reader = new ByteReader(footer);
    const [filters, index] = [readHandle(reader), readHandle(reader)];
    const filterDamage = await this.#below(filters, "whole");
    return filterDamage ?? (await this.#below(index, depth));
  }

  /** Checks an index block and, as far as that is asked for, the blocks that it names. */
  async #below(index: Handle, depth: TableDepth): Promise<TableDamage | undefined> {
    const names = await this.#block(index);
    if ("reason" in names) return names;
    if (depth === "index") return undefined;
    for (const handle of handlesIn(names.bytes)) {
      const block = await this.#block(handle);
      if ("reason" in block) return block;
    }
    return undefined;
  }

  async #block({ offset, sizeBytes }: Handle): Promise<{ readonly bytes: Buffer } | TableDamage> {
    if (offset + sizeBytes + trailerBytes > this.#sizeBytes - footerBytes)
      return { offset, reason: "a block beyond the end of its table" };
    const bytes = await this.#read(offset, sizeBytes + trailerBytes);
    const isIntact =
      maskCrc32c(crc32c(bytes, 0, sizeBytes + 1)) === bytes.readUInt32LE(sizeBytes + 1);
    return isIntact
      ? { bytes: bytes.subarray(0, sizeBytes) }
      : { offset, reason: "a checksum mismatch" };
  }
}

/** Undefined when every block that was looked at is as it was written. The file must exist. */
export async function scanTable(path: string, depth: TableDepth): Promise<TableDamage | undefined> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const isReadOnce = depth === "whole" && size <= readOnceBytesMax;
    const read = isReadOnce ? await readOnce(file) : readPiecewise(file);
    return await new Table(read, size).check(depth);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { offset: 0, reason: error.message };
  } finally {
    await file.close();
  }
}
