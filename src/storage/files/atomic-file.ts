// Replacing a small file so that after a crash there is the old one or the new one, never a mixture: write
// beside, fsync, rename, fsync the directory (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { storageErrors } from "../errors.ts";

export const directoryMode = 0o700;
export const fileMode = 0o600;

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Makes created, renamed and removed names durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Durable when it resolves; WRITE_FAILED otherwise. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const temporary = `${path}.partial`;
    const handle = await open(temporary, "w", fileMode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    throw storageErrors.WRITE_FAILED(`${path} could not be written: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** As `replaceFile`, before anything else of this process can happen. */
export function replaceFileSync(path: string, bytes: Uint8Array): void {
  try {
    const temporary = `${path}.partial`;
    withFileSync(temporary, "w", (file) => {
      writeFileSync(file, bytes);
      fsyncSync(file);
    });
    renameSync(temporary, path);
    withFileSync(dirname(path), "r", fsyncSync);
  } catch (cause) {
    throw storageErrors.WRITE_FAILED(`${path} could not be written: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function withFileSync(path: string, flags: "r" | "w", work: (file: number) => void): void {
  const file = openSync(path, flags, fileMode);
  try {
    work(file);
  } finally {
    closeSync(file);
  }
}

/** The whole file; undefined when there is none; READ_FAILED otherwise. */
export async function readFileIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw storageErrors.READ_FAILED(`${path} could not be read: ${messageOf(cause)}`, { cause });
  }
}
