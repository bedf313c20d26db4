// Opens a simulated log as src/storage/level/open-log.ts opens a real one, with the same parts: scan of the write-ahead
// log, both copies of the state, snapshot's description, every entry and its chain.
import { storageErrors } from "../../../src/storage/errors.ts";
import {
  entriesEnd,
  entryKey,
  readEntryKey,
  snapshotKey,
  stateCopyKey,
  stateKey,
} from "../../../src/storage/level/keys.ts";
import { LogContent } from "../../../src/storage/level/log-content.ts";
import {
  chooseLogState,
  emptyLogState,
  logStateRecord,
} from "../../../src/storage/level/log-state.ts";
import { sealSnapshotMeta, unsealSnapshotMeta } from "../../../src/storage/level/sealed-meta.ts";
import { scanWalFile } from "../../../src/storage/level/wal-scan.ts";
import { noSnapshot } from "../../../src/storage/snapshot-meta.ts";
import type { LevelDatabase } from "./level-database.ts";
import type { LevelFiles, Tear } from "./level-files.ts";
import type { WalOperation } from "./wal.ts";

/** What a new directory holds: an empty log. */
export function createLog(files: LevelFiles): void {
  const record = logStateRecord(emptyLogState);
  files.append([
    { key: Buffer.from(snapshotKey), value: Buffer.from(sealSnapshotMeta(noSnapshot)) },
    { key: Buffer.from(stateKey), value: record },
    { key: Buffer.from(stateCopyKey), value: record },
  ]);
  files.flush();
}

/** LevelDB opens the files after our own look at them. Throws CORRUPT_LOG. Gives whether a torn write was cut off. */
export function openFiles(
  files: LevelFiles,
  torn: { readonly operations: readonly WalOperation[]; readonly tear: Tear } | undefined,
): boolean {
  const wal = files.wal(torn);
  const { damage, tornAt } = scanWalFile(wal);
  if (damage !== undefined) {
    throw storageErrors.CORRUPT_LOG(
      `the write-ahead log is damaged at byte ${damage.offset}: ${damage.reason}`,
    );
  }
  files.open(wal);
  return tornAt !== undefined;
}

/** Throws CORRUPT_LOG or CORRUPT_ENTRY. */
export function loadLog(
  options: { readonly cacheBytesMax: number },
  { database }: { readonly database: LevelDatabase },
): LogContent {
  const content = new LogContent(options, { database });
  const read = (key: Uint8Array): Uint8Array | undefined => database.getSync(key, undefined);
  const { state } = chooseLogState(read(stateKey), read(stateCopyKey));
  const snapshot = unsealSnapshotMeta(read(snapshotKey));
  if (snapshot.index !== state.snapshotIndex) {
    throw storageErrors.CORRUPT_LOG("the snapshot's description in the log is an older version");
  }
  content.begin(state, snapshot);
  for (const [key, value] of database.range(entryKey(state.deadTo), entriesEnd)) {
    content.load(readEntryKey(key), value);
  }
  const { lastIndex, lastChecksum } = content.state;
  if (lastIndex !== state.lastIndex || lastChecksum !== state.lastChecksum) {
    throw storageErrors.CORRUPT_LOG(
      `the log ends at entry ${lastIndex}, but its last write ended at ${state.lastIndex}`,
    );
  }
  return content;
}
