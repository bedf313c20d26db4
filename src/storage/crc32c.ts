// CRC-32C (Castagnoli, RFC 3720 appendix B.4), which LevelDB uses in its files; zlib only offers the older
// CRC-32.
import { crcOf } from "./crc.ts";

const castagnoli = crcOf(0x82f63b78);

/** CRC-32C of bytes [from, to) as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, from: number = 0, to: number = bytes.length): number {
  return castagnoli(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), from, to);
}

const maskDelta = 0xa282ead8;

/** LevelDB stores checksums masked, because a CRC over bytes that contain CRCs is weak (util/crc32c.h). */
export function maskCrc32c(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + maskDelta) >>> 0;
}
