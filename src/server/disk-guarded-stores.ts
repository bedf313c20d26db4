// The stores as the rooms above use them: the log goes first, jar bytes wait for their turn and for room on the disk, a failed
// write ends the server, and damage is told to whoever repairs it.
import { ChunkWatch } from "../resources/chunk-watch.ts";
import type { CareModules } from "../resources/resource-service.ts";
import { BulkPace, pacedChunks, timedLog } from "../storage/bulk-pace.ts";
import type { DataDirectory, LogStore } from "../storage/contract.ts";
import { DiskGuard } from "./disk-guard.ts";
import { failStop } from "./fail-stop.ts";
import type { ServerModules } from "./modules.ts";

export interface GuardedStores {
  readonly log: LogStore;
  readonly chunks: ChunkWatch;
  readonly disk: DiskGuard;
  readonly care: CareModules;
}

export interface GuardedStoresOptions {
  /** Whose disk is looked at. */
  readonly directory: string;
  readonly onFatal: (error: unknown) => void;
  /** False: bulk writes do not wait for the log (to measure the difference). */
  readonly isPaced: boolean;
}

/** Nothing runs yet: `disk` is started and stopped by the caller. */
export function makeGuardedStores(
  data: Pick<DataDirectory, "log" | "chunks">,
  options: GuardedStoresOptions,
  modules: Pick<ServerModules, "clock" | "wallClock" | "random" | "logger">,
): GuardedStores {
  const { clock, wallClock, random } = modules;
  const logger = modules.logger.child({ room: "storage" });
  const pace = new BulkPace({ isPaced: options.isPaced }, { clock });
  const disk = new DiskGuard({ directory: options.directory }, { clock, logger });
  const stored = pacedChunks(failStop(data.chunks, options.onFatal), { pace, room: disk });
  return {
    log: timedLog(data.log, pace),
    chunks: new ChunkWatch(stored),
    disk,
    care: {
      random,
      wallClock,
      take: (bytes) => pace.take(bytes),
      mayStore: (bytes) => {
        disk.mayStore(bytes);
      },
    },
  };
}
