// Bytes that are being put together, seen in two ways: a Buffer copies and is what others take, a DataView writes and reads numbers
// in a fraction of the time.
import { crc32 } from "node:zlib";
import { crcOf } from "../crc.ts";

export interface TwoViews {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function twoViews(sizeBytes: number): TwoViews {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

const twoTo32 = 0x1_0000_0000;

/** Eight bytes, big-endian, of a safe integer ≥ 0. */
export function setNumber(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / twoTo32));
  view.setUint32(at + 4, value % twoTo32);
}

const ownCrc32 = crcOf(0xedb88320);
/** Up to here the own sum is quicker than a call to zlib's, which is the same. */
const ownCrcBytesMax = 1024;

/** CRC-32 of bytes [from, to). */
export function checksumOf({ bytes, view }: TwoViews, from: number, to: number): number {
  if (to - from <= ownCrcBytesMax) return ownCrc32(view, from, to);
  return crc32(bytes.subarray(from, to));
}
