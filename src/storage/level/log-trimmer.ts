// Deletes entries that a compaction left behind, some at a time and between the writes of the log. Which
// entries are dead is already durable in the log's state, so a crash only means that the next open goes on.

import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { index } from "../../base/numbers.ts";
import type { WriteGate } from "../write-gate.ts";
import type { Database } from "./database.ts";
import { entriesStart, entryKey, readEntryKey } from "./keys.ts";
import type { LogContent } from "./log-content.ts";
import { SpaceReclaimer } from "./space.ts";

const deadBytesMin = 16 * 1024 * 1024;

export interface LogTrimmerModules {
  readonly database: Database;
  readonly content: LogContent;
  readonly gate: WriteGate;
  readonly logger: Logger;
}

/** One page at a time: its deletion occupies the log's writer for about a millisecond. */
async function firstPage(
  pages: AsyncGenerator<readonly Uint8Array[]>,
): Promise<readonly Uint8Array[]> {
  for await (const page of pages) return page;
  return [];
}

export class LogTrimmer {
  readonly #modules: LogTrimmerModules;
  readonly #reclaimer: SpaceReclaimer;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: { readonly deadBytesMin?: number }, modules: LogTrimmerModules) {
    this.#modules = modules;
    this.#reclaimer = new SpaceReclaimer(
      { deadBytesMin: options.deadBytesMin ?? deadBytesMin },
      modules,
    );
  }

  /** Called after each compaction and at open. */
  wake(): void {
    if (!this.#stopped) this.#running ??= this.#run();
  }

  /** Resolves when nothing is left to delete and no merge is under way. */
  async idle(): Promise<void> {
    await this.#running;
    await this.#reclaimer.idle();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#reclaimer.stop();
  }

  async #run(): Promise<void> {
    const { logger } = this.#modules;
    try {
      // Again, because a compaction during the measurement finds this running and starts nothing.
      do {
        while (this.#hasWork()) await this.#deleteSome();
        await this.#noteSpace();
      } while (this.#hasWork());
    } catch (error) {
      logger.warn({ error: messageOf(error) }, "compacted entries could not be deleted");
    } finally {
      this.#running = undefined;
    }
  }

  #hasWork(): boolean {
    const { deadFrom, deadTo } = this.#modules.content.state;
    return !this.#stopped && deadFrom < deadTo;
  }

  async #deleteSome(): Promise<void> {
    const { database, content, gate } = this.#modules;
    const { deadFrom, deadTo } = content.state;
    const keys = await firstPage(database.keyPages(entryKey(deadFrom), entryKey(deadTo)));
    const last = keys.at(-1);
    if (last === undefined) {
      // In its turn: an append on its way would bring the old number back.
      await gate.exclusive(() => {
        content.trimmed(deadTo);
        return Promise.resolve();
      });
      return;
    }
    await gate.exclusive(async () => {
      const batch = database.batch("small");
      for (const key of keys) batch.del(key);
      await gate.io(() => batch.commit());
      content.trimmed(index(readEntryKey(last) + 1));
    });
  }

  /**
   * LevelDB knows nothing of the size of what it still buffers. So all that lies below the log's first entry is
   * measured each time: what was missed in the buffer is seen once it has become a file.
   */
  async #noteSpace(): Promise<void> {
    const { database, content } = this.#modules;
    const dead = { from: entriesStart, to: entryKey(content.state.deadTo) };
    this.#reclaimer.measured(dead, await database.approximateBytes(dead.from, dead.to));
  }
}
