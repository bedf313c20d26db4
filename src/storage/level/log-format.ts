// The form of LevelDB's write-ahead logs and manifests (LevelDB doc/log_format.md): blocks of 32 KiB; fragments of a 7-byte
// header (masked CRC-32C of type and payload, length u16, type; little-endian) and payload; a record is one FULL fragment
// or FIRST, MIDDLE…, LAST. The last bytes of a block, too few for a header, are padding.
import { crc32c, maskCrc32c } from "../crc32c.ts";

const blockBytes = 32 * 1024;
const headerBytes = 7;

export const fragmentTypes = { full: 1, first: 2, middle: 3, last: 4 } as const;

export type Fragment =
  | { readonly kind: "intact"; readonly type: number; readonly from: number; readonly to: number }
  /** It runs past the end of the file. */
  | { readonly kind: "cut" }
  | { readonly kind: "bad"; readonly reason: string };

export const blockEnd = (at: number): number => at - (at % blockBytes) + blockBytes;

/** Offset of the next fragment at or after `at`. */
export function skipPadding(at: number): number {
  return blockEnd(at) - at < headerBytes ? blockEnd(at) : at;
}

export function readFragment(bytes: Buffer, at: number): Fragment {
  if (at + headerBytes > bytes.length) return { kind: "cut" };
  const from = at + headerBytes;
  const to = from + bytes.readUInt16LE(at + 4);
  const type = bytes[at + 6] ?? 0;
  if (to > blockEnd(at)) return { kind: "bad", reason: "a length beyond its block" };
  if (to > bytes.length) return { kind: "cut" };
  if (type < fragmentTypes.full || type > fragmentTypes.last)
    return { kind: "bad", reason: "an unknown record type" };
  if (maskCrc32c(crc32c(bytes, at + 6, to)) !== bytes.readUInt32LE(at)) {
    return { kind: "bad", reason: "a checksum mismatch" };
  }
  return { kind: "intact", type, from, to };
}
