// A data directory with something of everything: tables and a write-ahead log, a compacted log, chunks, a snapshot.
import { silentLogger } from "../../../../src/base/logger.ts";
import { index } from "../../../../src/base/numbers.ts";
import { openDataDirectory } from "../../../../src/storage/data-directory.ts";
import { digestOf, hardState, run, snapshotMeta } from "../../../conformance/storage/harness.ts";

const chunkBytes: readonly Buffer[] = [1, 2, 3].map((byte) => Buffer.alloc(5000, byte));
export const chunks = chunkBytes.map((bytes) => ({ bytes, digest: digestOf(bytes) }));
/** The entries that are left: 8 to 30; the snapshot ends at 10. Each lies alone up to 20, those behind lie together. */
export const lastIndex = 30;
export const firstIndex = 8;
/** The first of those that lie together. */
export const groupStart = 21;

export async function fill(dir: string): Promise<void> {
  const data = await openDataDirectory({ dir, logger: silentLogger, serverId: "alpha" });
  await data.saveIdentity({ ...data.identity, clusterId: "c", peerId: 4 });
  await data.saveFormation(Buffer.from("proposal"));
  for (const one of run(1, 20, 1)) await data.log.append({ entries: [one], hardState: undefined });
  await data.log.append({ entries: [], hardState: hardState(1, 4, 12) });
  const snapshot = snapshotMeta(10, 1);
  const writer = await data.snapshots.create(snapshot);
  await writer.write(Buffer.alloc(200_000, 7));
  await writer.commit();
  await data.log.compact(snapshot, index(firstIndex));
  await data.chunks.put(chunks.slice(0, 2));
  await data.close();
  // The second opening moves everything so far into tables.
  const again = await openDataDirectory({ dir, logger: silentLogger });
  await again.log.append({ entries: run(21, lastIndex, 2), hardState: hardState(2, 4, 25) });
  await again.chunks.put(chunks.slice(2));
  await again.close();
}
