// The formation proposal that an empty directory accepted: a checksum in front of bytes that only
// registry/formation understands.
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { storageErrors } from "../errors.ts";
import { readFileIfThere, replaceFile } from "./atomic-file.ts";

const checksumBytes = 4;
const formationPath = (directory: string): string => join(directory, "formation");

/** Undefined when none was accepted. Throws CORRUPT_IDENTITY. */
export async function readFormation(directory: string): Promise<Uint8Array | undefined> {
  const bytes = await readFileIfThere(formationPath(directory));
  if (bytes === undefined) return undefined;
  const accepted = bytes.subarray(checksumBytes);
  if (bytes.length < checksumBytes || crc32(accepted) !== bytes.readUInt32BE(0)) {
    throw storageErrors.CORRUPT_IDENTITY(`the file ${formationPath(directory)} is damaged`);
  }
  return accepted;
}

/** Durable before it resolves. */
export async function writeFormation(directory: string, accepted: Uint8Array): Promise<void> {
  const bytes = Buffer.alloc(checksumBytes + accepted.length);
  bytes.set(accepted, checksumBytes);
  bytes.writeUInt32BE(crc32(accepted), 0);
  await replaceFile(formationPath(directory), bytes);
}
