import { join } from "node:path";
import { writeSealedJson } from "../../../../src/storage/files/sealed-json.ts";

/** The mark of a server that was damaged too often: no server starts with `directory` any more. */
export async function markStopped(directory: string): Promise<void> {
  const stopped = { stage: "stopped", code: "QUORATE_TRANSPORT_STALE_DATA", message: "m", atMs: 5 };
  const whose = { clusterId: "c", generation: 1, serverId: "alpha", folder: "6" };
  await writeSealedJson(join(directory, "quarantine"), { ...stopped, ...whose });
}
