// Small files that a person can read, with a checksum, because what they say decides who this server is and what it may
// do. Replaced atomically.
import { crc32 } from "node:zlib";
import { storageErrors } from "../errors.ts";
import { readFileIfThere, replaceFile } from "./atomic-file.ts";

function checksumOf(value: unknown): string {
  return crc32(JSON.stringify(value)).toString(16).padStart(8, "0");
}

/** The bytes of such a file. */
export function sealJson(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ value, checksum: checksumOf(value) }, undefined, 2)}\n`);
}

/** Undefined when the file is damaged, or `isValid` does not know its form. */
export function unsealJson<T>(
  bytes: Uint8Array,
  isValid: (value: unknown) => value is T,
): T | undefined {
  try {
    const file: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof file !== "object" || file === null || !("value" in file)) return undefined;
    const { value } = file;
    const isIntact = "checksum" in file && file.checksum === checksumOf(value);
    return isIntact && isValid(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Undefined when there is none. Throws CORRUPT_IDENTITY when it is damaged. */
export async function readSealedJson<T>(
  path: string,
  isValid: (value: unknown) => value is T,
): Promise<T | undefined> {
  const bytes = await readFileIfThere(path);
  if (bytes === undefined) return undefined;
  const value = unsealJson(bytes, isValid);
  if (value === undefined) throw storageErrors.CORRUPT_IDENTITY(`the file ${path} is damaged`);
  return value;
}

/** Durable before it resolves. */
export async function writeSealedJson(path: string, value: unknown): Promise<void> {
  await replaceFile(path, sealJson(value));
}
