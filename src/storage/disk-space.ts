// How much room the disk has, asked at intervals. What this process stores in between is subtracted at once: at full speed a
// disk can fill up between two looks.
import { statfs } from "node:fs/promises";
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { second } from "../base/units.ts";

/** Between two looks at the file system. */
export const diskPollMs: number = 5 * second;

export interface Space {
  readonly totalBytes: number;
  /** What an ordinary user may still write. */
  readonly freeBytes: number;
}

/** Of the file system that `directory` is on. */
export async function spaceOf(directory: string): Promise<Space> {
  const { bsize, blocks, bavail } = await statfs(directory);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}

export interface DiskSpaceModules {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: the file system is asked. */
  readonly look?: (directory: string) => Promise<Space>;
}

export class DiskSpace {
  readonly #directory: string;
  readonly #modules: DiskSpaceModules;
  readonly #onLook: (space: Space) => void;
  #space: Space | undefined;
  #promisedBytes = 0;
  #isRunning = false;
  #looking: Promise<void> = Promise.resolve();
  #cancel: Cancel = () => undefined;

  constructor(
    options: { readonly directory: string; readonly onLook: (space: Space) => void },
    modules: DiskSpaceModules,
  ) {
    this.#directory = options.directory;
    this.#onLook = options.onLook;
    this.#modules = modules;
  }

  /** As of now, as far as this process knows; undefined before the first look has succeeded. */
  get space(): Space | undefined {
    if (this.#space === undefined) return undefined;
    const { totalBytes, freeBytes } = this.#space;
    return { totalBytes, freeBytes: Math.max(0, freeBytes - this.#promisedBytes) };
  }

  /** So many bytes are about to be written. */
  promise(bytes: number): void {
    this.#promisedBytes += bytes;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await this.#lookNow();
  }

  /** Idempotent; resolves when no look is under way. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    await this.#looking;
  }

  #lookNow(): Promise<void> {
    this.#looking = this.#look().finally(() => {
      if (!this.#isRunning) return;
      this.#cancel = this.#modules.clock.after(diskPollMs, () => {
        void this.#lookNow();
      });
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { look = spaceOf, logger } = this.#modules;
    const promisedBefore = this.#promisedBytes;
    try {
      this.#space = await look(this.#directory);
      // What was promised before has been written, or nearly; what came during the look may not be in it.
      this.#promisedBytes -= promisedBefore;
      this.#onLook(this.#space);
    } catch (error) {
      logger.warn({ error: messageOf(error) }, "the file system does not say how much room it has");
    }
  }
}
