import type { Chunk } from "./contract.ts";
import { storageErrors } from "./errors.ts";

/** One chunk; LevelDB copies a value several times on its way to the disk. */
export const chunkBytesMax: number = 16 * 1024 * 1024;
/** All chunks of one `put`. */
const chunkBatchBytesMax = 64 * 1024 * 1024;

/** Throws TOO_LARGE. */
export function checkChunks(chunks: readonly Chunk[]): void {
  let sum = 0;
  for (const { digest, bytes } of chunks) {
    sum += bytes.length;
    if (bytes.length > chunkBytesMax) {
      throw storageErrors.TOO_LARGE(
        `a chunk of ${String(bytes.length)} bytes exceeds the limit of ${String(chunkBytesMax)}`,
        { fields: { digest, bytes: bytes.length, bytesMax: chunkBytesMax } },
      );
    }
  }
  if (sum > chunkBatchBytesMax) {
    throw storageErrors.TOO_LARGE(
      `chunks of ${String(sum)} bytes at once exceed the limit of ${String(chunkBatchBytesMax)}`,
      { fields: { bytes: sum, bytesMax: chunkBatchBytesMax } },
    );
  }
}
