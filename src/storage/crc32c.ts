// CRC-32C (Castagnoli, RFC 3720 appendix B.4), which LevelDB uses in its files; zlib only offers the older
// CRC-32. Eight tables and eight bytes per turn ("slicing-by-8", Kounavis and Berry 2005).
const polynomial = 0x82f63b78;
const slices = 8;

function buildTables(): Uint32Array {
  const tables = new Uint32Array(slices * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1)
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    tables[byte] = crc >>> 0;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

const tables = buildTables();
const slice = (k: number, byte: number): number => tables[k * 256 + (byte & 0xff)] ?? 0;

/** CRC-32C of bytes [from, to) as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, from: number = 0, to: number = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = 0xffffffff;
  let at = from;
  for (; at + slices <= to; at += slices) {
    const low = crc ^ view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    crc =
      slice(7, low) ^
      slice(6, low >>> 8) ^
      slice(5, low >>> 16) ^
      slice(4, low >>> 24) ^
      slice(3, high) ^
      slice(2, high >>> 8) ^
      slice(1, high >>> 16) ^
      slice(0, high >>> 24);
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ slice(0, crc ^ (bytes[at] ?? 0));
  return (crc ^ 0xffffffff) >>> 0;
}

const maskDelta = 0xa282ead8;

/** LevelDB stores checksums masked, because a CRC over bytes that contain CRCs is weak (util/crc32c.h). */
export function maskCrc32c(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + maskDelta) >>> 0;
}
