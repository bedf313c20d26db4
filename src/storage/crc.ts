// Checksums of 32 bits with a polynomial of one's choice: eight tables and eight bytes per turn ("slicing-by-8", Kounavis and
// Berry 2005). zlib has only one polynomial, and calling it costs more than the sum itself when there are few bytes.
const slices = 8;

/** CRC of bytes [from, to) as an unsigned 32-bit number. */
export type Crc = (bytes: DataView, from: number, to: number) => number;

/** `polynomial`: with its bits reversed. */
function buildTables(polynomial: number): readonly Uint32Array[] {
  const all = new Uint32Array(slices * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1)
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    all[byte] = crc >>> 0;
  }
  for (let at = 256; at < all.length; at += 1) {
    const before = all[at - 256] ?? 0;
    all[at] = (before >>> 8) ^ (all[before & 0xff] ?? 0);
  }
  return Array.from({ length: slices }, (_, k) => all.subarray(k * 256, (k + 1) * 256));
}

/** The tables are for one polynomial, so that the engine can treat them as constants. */
export function crcOf(polynomial: number): Crc {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = buildTables(polynomial) as [
    ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
    ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
  ];
  return (bytes, from, to) => {
    let crc = -1;
    let at = from;
    for (; at + slices <= to; at += slices) {
      const low = crc ^ bytes.getInt32(at, true);
      const high = bytes.getInt32(at + 4, true);
      crc =
        (t7[low & 0xff] ?? 0) ^
        (t6[(low >>> 8) & 0xff] ?? 0) ^
        (t5[(low >>> 16) & 0xff] ?? 0) ^
        (t4[low >>> 24] ?? 0) ^
        (t3[high & 0xff] ?? 0) ^
        (t2[(high >>> 8) & 0xff] ?? 0) ^
        (t1[(high >>> 16) & 0xff] ?? 0) ^
        (t0[high >>> 24] ?? 0);
    }
    for (; at < to; at += 1) crc = (crc >>> 8) ^ (t0[(crc ^ bytes.getUint8(at)) & 0xff] ?? 0);
    return ~crc >>> 0;
  };
}
