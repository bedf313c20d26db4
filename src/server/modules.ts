import type { Clock, WallClock } from "../base/clock.ts";
import type { Hash64 } from "../base/hash.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import { systemClock, systemWallClock } from "./system/clock.ts";
import { loadHash64 } from "./system/hash.ts";
import { systemRandom } from "./system/random.ts";

/** The machine, as far as a server needs it; handed in, so that nothing below reaches for it. */
export interface ServerModules {
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly random: Random;
  readonly hash: Hash64;
  readonly logger: Logger;
}

/** The real machine. */
export async function systemModules(logger: Logger): Promise<ServerModules> {
  return {
    clock: systemClock,
    wallClock: systemWallClock,
    random: systemRandom(),
    hash: await loadHash64(),
    logger,
  };
}
