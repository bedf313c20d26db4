// Bytes that nobody reads rot unnoticed, until the day on which the other copies are gone. So every chunk is read and
// verified again and again, slowly. What is found damaged is repaired by the keeper, like everything that is lacking.
import type { Cancel, Clock, WallClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import { between } from "../base/random.ts";
import { type ChunkWatch, isDamage } from "./chunk-watch.ts";
import { scrubBytesPerSecond, scrubPassMsMin, scrubStartDelayMsMax } from "./limits.ts";

export interface ScrubberModules {
  readonly chunks: Pick<ChunkWatch, "get" | "digests">;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly random: Random;
  readonly logger: Logger;
  /** Resolves when so many bytes may be read: the log goes first. */
  readonly take: (bytes: number) => Promise<void>;
}

export interface ScrubStats {
  /** Since the start of this server. */
  readonly scrubbedBytes: number;
  /** Wall clock at the end of the last whole pass; 0 = none since the start of this server. */
  readonly lastPassAtMs: number;
}

export class Scrubber {
  readonly #modules: ScrubberModules;
  #isRunning = false;
  #working: Promise<void> = Promise.resolve();
  #cancel: Cancel = () => undefined;
  #wake: () => void = () => undefined;
  #scrubbedBytes = 0;
  #lastPassAtMs = 0;

  constructor(modules: ScrubberModules) {
    this.#modules = modules;
  }

  stats(): ScrubStats {
    return { scrubbedBytes: this.#scrubbedBytes, lastPassAtMs: this.#lastPassAtMs };
  }

  /** The first pass begins after a pause that chance decides: servers that start together do not read together. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#working = this.#work();
  }

  /** Idempotent; resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    this.#wake();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { clock, random, logger } = this.#modules;
    await this.#pause(between(random, 0, scrubStartDelayMsMax));
    while (this.#isRunning) {
      const fromMs = clock.nowMs();
      try {
        await this.#pass();
      } catch (error) {
        logger.warn({ error: messageOf(error) }, "a scrub of the chunks ended early");
      }
      await this.#pause(Math.max(0, fromMs + scrubPassMsMin - clock.nowMs()));
    }
  }

  // From anywhere: a server that is started again every day would never come to the end of a large store.
  async #pass(): Promise<void> {
    const { chunks, random, wallClock, logger } = this.#modules;
    const digests = chunks.digests();
    const from = digests.length === 0 ? 0 : between(random, 0, digests.length);
    let damaged = 0;
    for (const digest of [...digests.slice(from), ...digests.slice(0, from)]) {
      if (!this.#isRunning) return;
      const bytes = await this.#verify(digest);
      if (bytes === undefined) damaged += 1;
      else await this.#pause((bytes * 1000) / scrubBytesPerSecond);
    }
    if (!this.#isRunning) return;
    this.#lastPassAtMs = wallClock.wallMs();
    logger.info({ chunks: digests.length, damaged }, "every chunk was read and verified");
  }

  /** How many bytes were read; undefined when they are damaged. */
  async #verify(digest: string): Promise<number | undefined> {
    const { chunks, take } = this.#modules;
    await take(0);
    try {
      // Absent: it was not needed any more.
      const bytes = (await chunks.get(digest))?.length ?? 0;
      this.#scrubbedBytes += bytes;
      return bytes;
    } catch (error) {
      if (!isDamage(error)) throw error;
      return undefined;
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0 || !this.#isRunning) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#cancel = this.#modules.clock.after(ms, resolve);
    });
  }
}
