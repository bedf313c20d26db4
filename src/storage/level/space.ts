// LevelDB keeps deleted bytes until a merge happens to pass over them; a log that only grows at one end and
// shrinks at the other may never see one (google/leveldb #603). So dropped ranges are merged on purpose, in
// the background and only once enough bytes are dead: a merge per deletion costs more than it gives back.
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Database } from "./database.ts";

interface DeadRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

export class SpaceReclaimer {
  readonly #deadBytesMin: number;
  readonly #database: Database;
  readonly #logger: Logger;
  #ranges: DeadRange[] = [];
  #deadBytes = 0;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    options: { readonly deadBytesMin: number },
    modules: { readonly database: Database; readonly logger: Logger },
  ) {
    this.#deadBytesMin = options.deadBytesMin;
    this.#database = modules.database;
    this.#logger = modules.logger;
  }

  /** Keys of [from, to) are deleted and took about `bytes`, on top of what was dropped before. */
  dropped(range: DeadRange, bytes: number): void {
    this.#ranges.push(range);
    this.#deadBytes += bytes;
    this.#mergeIfWorthIt();
  }

  /** The only deleted keys are those of [from, to), and their files hold `bytes` now. */
  measured(range: DeadRange, bytes: number): void {
    this.#ranges = [range];
    this.#deadBytes = bytes;
    this.#mergeIfWorthIt();
  }

  /** Waits for the merge under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Begins nothing new. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  #mergeIfWorthIt(): void {
    if (this.#deadBytes < this.#deadBytesMin || this.#stopped) return;
    this.#running ??= this.#merge();
  }

  async #merge(): Promise<void> {
    const deadBytes = this.#deadBytes;
    try {
      for (let range = this.#ranges.shift(); range !== undefined; range = this.#ranges.shift()) {
        if (this.#stopped) return;
        await this.#database.compact(range.from, range.to);
      }
      this.#deadBytes = 0;
      this.#logger.debug({ deadBytes }, "space given back");
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, "space could not be given back");
    } finally {
      this.#running = undefined;
    }
  }
}
