// The files that LevelDB reads when it opens, and what it reports about that.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, readFileIfThere } from "../files/atomic-file.ts";
import { readCurrentManifest } from "./current-manifest.ts";
import { scanWalFile } from "./wal-scan.ts";

export interface WalScan {
  readonly files: number;
  readonly records: number;
  /** A write that was never acknowledged was cut off. */
  readonly torn: { readonly file: string; readonly offset: number } | undefined;
  readonly damage:
    | { readonly file: string; readonly offset: number; readonly reason: string }
    | undefined;
}

async function names(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * The files that LevelDB will read, oldest first. Older ones can be there after a power loss: their content is in tables,
 * and their last record may have been torn before that. Without a manifest that can be read, all of them.
 */
async function logsInForce(directory: string): Promise<readonly string[]> {
  const manifest = await readCurrentManifest(directory);
  const numberOf = (name: string): number => Number.parseInt(name, 10);
  const isInForce = (name: string): boolean =>
    manifest === undefined ||
    "reason" in manifest ||
    numberOf(name) >= manifest.firstLog ||
    numberOf(name) === manifest.previousLog;
  return (await names(directory))
    .filter((name) => /^\d+\.log$/.test(name) && isInForce(name))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

/**
 * Scans the write-ahead logs of a database that is not open; changes nothing. Only the newest file with
 * content may end in a torn record: LevelDB begins a new one only after the last write to the old one was
 * synced.
 */
export async function scanWal(directory: string): Promise<WalScan> {
  const logs = await logsInForce(directory);
  let records = 0;
  let torn: WalScan["torn"];
  for (const file of logs) {
    const bytes = (await readFileIfThere(join(directory, file))) ?? Buffer.alloc(0);
    if (bytes.length > 0 && torn !== undefined) {
      const damage = { ...torn, reason: "a cut record, although a newer file follows" };
      return { files: logs.length, records, torn: undefined, damage };
    }
    const scan = scanWalFile(bytes);
    records += scan.records;
    if (scan.damage !== undefined) {
      return { files: logs.length, records, torn: undefined, damage: { file, ...scan.damage } };
    }
    if (scan.tornAt !== undefined) torn = { file, offset: scan.tornAt };
  }
  return { files: logs.length, records, torn, damage: undefined };
}

/** What LevelDB wrote into its own LOG about records that it dropped in the last open. */
export async function droppedRecords(directory: string): Promise<readonly string[]> {
  const log = await readFileIfThere(join(directory, "LOG"));
  return (log?.toString("utf8") ?? "").split("\n").filter((line) => line.includes(": dropping "));
}
