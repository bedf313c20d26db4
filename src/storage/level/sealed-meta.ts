// The snapshot's description as a LevelDB value: a checksum in front of the encoded form.
import { crc32 } from "node:zlib";
import { DecodeError } from "../../base/bytes.ts";
import type { SnapshotMeta } from "../../raft/types.ts";
import { storageErrors } from "../errors.ts";
import { decodeSnapshotMeta, encodeSnapshotMeta } from "../snapshot-meta.ts";
import { asBuffer } from "./keys.ts";

const checksumBytes = 4;

export function sealSnapshotMeta(meta: SnapshotMeta): Uint8Array {
  const bytes = encodeSnapshotMeta(meta);
  const sealed = Buffer.alloc(checksumBytes + bytes.length);
  sealed.set(bytes, checksumBytes);
  sealed.writeUInt32BE(crc32(bytes), 0);
  return sealed;
}

/** Throws CORRUPT_LOG on anything that `sealSnapshotMeta` did not write. */
export function unsealSnapshotMeta(value: Uint8Array | undefined): SnapshotMeta {
  const damaged = (what: string, cause?: unknown): never => {
    throw storageErrors.CORRUPT_LOG(`the snapshot's description in the log ${what}`, { cause });
  };
  if (value === undefined) return damaged("is missing");
  if (value.length < checksumBytes) return damaged("is cut short");
  const bytes = value.subarray(checksumBytes);
  if (crc32(bytes) !== asBuffer(value).readUInt32BE(0))
    return damaged("does not match its checksum");
  try {
    return decodeSnapshotMeta(bytes);
  } catch (cause) {
    if (cause instanceof DecodeError) return damaged("cannot be read", cause);
    throw cause;
  }
}
