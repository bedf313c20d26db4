import { performance } from "node:perf_hooks";
import type { Clock, WallClock } from "../../base/clock.ts";

/** The machine's monotonic clock and Node's timers. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  yield: (callback) => {
    const immediate = setImmediate(callback);
    return () => {
      clearImmediate(immediate);
    };
  },
};

export const systemWallClock: WallClock = { wallMs: () => Date.now() };
