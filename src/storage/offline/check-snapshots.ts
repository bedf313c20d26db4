import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SnapshotInfo } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { isMissing } from "../files/atomic-file.ts";
import { SnapshotFile } from "../files/snapshot-file.ts";
import { snapshotNames } from "../files/snapshot-files.ts";
import type { Findings } from "./findings.ts";

const pieceBytes = 1024 * 1024;

export interface SnapshotCheck {
  readonly findings: Findings;
  /** Told of bytes as they are read. */
  readonly read: (bytes: number) => void;
}

async function names(directory: string): Promise<readonly string[]> {
  try {
    return await snapshotNames(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Reads the whole file: the checksums of its blocks, and that of all its bytes. */
async function checkFile(path: string, read: (bytes: number) => void): Promise<SnapshotInfo> {
  const file = await SnapshotFile.open(path);
  try {
    const hash = createHash("sha256");
    for (let at = 0; at < file.info.sizeBytes; at += pieceBytes) {
      const piece = await file.read(at, pieceBytes);
      hash.update(piece);
      read(piece.length);
    }
    if (hash.digest("hex") === file.info.checksum) return file.info;
    throw storageErrors.CORRUPT_SNAPSHOT(`the snapshot ${path} does not match its checksum`);
  } finally {
    await file.close();
  }
}

/** Those that are intact, the newest first. */
export async function checkSnapshots(
  directory: string,
  { findings, read }: SnapshotCheck,
): Promise<readonly SnapshotInfo[]> {
  const intact: SnapshotInfo[] = [];
  for (const name of await names(directory)) {
    const place = `snapshots/${name}`;
    const info = await findings.of(place, () => checkFile(join(directory, name), read));
    if (info !== undefined) intact.push(info);
  }
  return intact;
}
