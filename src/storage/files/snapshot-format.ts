// A snapshot file: header, body, footer. The body is cut into blocks whose checksums are in the footer, so
// that every piece that is read can be checked, not only the file as a whole.
//
//   header  "QSNAP001" · length of the description u32 · description · checksum of all this u32
//   body    the bytes that were written
//   footer  checksum of each block u32… · SHA-256 of the body · size of the body u64 · checksum of the
//           footer so far u32 · "QSNAPEND"                                          (all big-endian)
import { crc32 } from "node:zlib";
import type { SnapshotMeta } from "../../raft/types.ts";
import { decodeSnapshotMeta, encodeSnapshotMeta } from "../snapshot-meta.ts";

export const blockBytes: number = 64 * 1024;

const magic = Buffer.from("QSNAP001", "latin1");
const endMagic = Buffer.from("QSNAPEND", "latin1");
const hashBytes = 32;
const twoTo32 = 0x1_0000_0000;

/** Bytes before the description. */
export const headerStartBytes: number = magic.length + 4;
/** Bytes of the footer after the checksums of the blocks. */
export const footerEndBytes: number = hashBytes + 8 + 4 + endMagic.length;
/** More than any membership needs; a larger length is damage. */
const metaBytesMax = 1024 * 1024;

export function blockCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes);
}

export function encodeHeader(meta: SnapshotMeta): Buffer {
  const described = encodeSnapshotMeta(meta);
  const header = Buffer.alloc(headerStartBytes + described.length + 4);
  header.set(magic);
  header.writeUInt32BE(described.length, magic.length);
  header.set(described, headerStartBytes);
  header.writeUInt32BE(crc32(header.subarray(0, -4)), header.length - 4);
  return header;
}

/** Size of the whole header, from its first `headerStartBytes`; undefined when it is no header. */
export function headerSize(start: Buffer): number | undefined {
  if (start.length < headerStartBytes || !start.subarray(0, magic.length).equals(magic))
    return undefined;
  const length = start.readUInt32BE(magic.length);
  return length > metaBytesMax ? undefined : headerStartBytes + length + 4;
}

/** Undefined when the checksum does not match; DecodeError when the description cannot be read. */
export function decodeHeader(header: Buffer): SnapshotMeta | undefined {
  if (crc32(header.subarray(0, -4)) !== header.readUInt32BE(header.length - 4)) return undefined;
  return decodeSnapshotMeta(header.subarray(headerStartBytes, -4));
}

export interface SnapshotFooter {
  /** Checksums of the blocks, in order. */
  readonly blocks: readonly number[];
  /** SHA-256 of the body, hexadecimal. */
  readonly checksum: string;
  readonly sizeBytes: number;
}

export function encodeFooter(footer: SnapshotFooter): Buffer {
  const bytes = Buffer.alloc(footer.blocks.length * 4 + footerEndBytes);
  footer.blocks.forEach((block, i) => bytes.writeUInt32BE(block, i * 4));
  const at = footer.blocks.length * 4;
  bytes.write(footer.checksum, at, "hex");
  bytes.writeUInt32BE(Math.floor(footer.sizeBytes / twoTo32), at + hashBytes);
  bytes.writeUInt32BE(footer.sizeBytes % twoTo32, at + hashBytes + 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, at + hashBytes + 8)), at + hashBytes + 8);
  bytes.set(endMagic, at + hashBytes + 12);
  return bytes;
}

/** Size of the body, from the last `footerEndBytes` of the file; undefined when it is no footer. */
export function bodySize(end: Buffer): number | undefined {
  if (end.length < footerEndBytes || !end.subarray(-endMagic.length).equals(endMagic))
    return undefined;
  return end.readUInt32BE(hashBytes) * twoTo32 + end.readUInt32BE(hashBytes + 4);
}

/** Undefined when the checksum does not match. */
export function decodeFooter(bytes: Buffer): SnapshotFooter | undefined {
  const at = bytes.length - footerEndBytes;
  const sizeBytes = bodySize(bytes.subarray(at));
  if (sizeBytes === undefined) return undefined;
  if (crc32(bytes.subarray(0, at + hashBytes + 8)) !== bytes.readUInt32BE(at + hashBytes + 8))
    return undefined;
  const blocks: number[] = [];
  for (let i = 0; i < at; i += 4) blocks.push(bytes.readUInt32BE(i));
  return { blocks, checksum: bytes.toString("hex", at, at + hashBytes), sizeBytes };
}
