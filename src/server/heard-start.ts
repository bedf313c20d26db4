// Notes in the identity that a peer has heard of this start and may remember it, so that later starts go on naming it (see
// boot-book). Once per start, at the first contact.
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { DataDirectory } from "../storage/contract.ts";

export interface HeardStartModules {
  readonly data: () => DataDirectory | undefined;
  readonly logger: Logger;
}

export class HeardStart {
  readonly #modules: HeardStartModules;
  #writing: Promise<void> | undefined;

  constructor(modules: HeardStartModules) {
    this.#modules = modules;
  }

  /** A peer has accepted the streams of this start. */
  heard(): void {
    const data = this.#modules.data();
    if (data !== undefined) this.#writing ??= this.#write(data);
  }

  /** Resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    await this.#writing;
  }

  async #write(data: DataDirectory): Promise<void> {
    try {
      await data.saveIdentity({ ...data.identity, isBootHeard: true });
    } catch (error) {
      // It is then one of the starts that were perhaps not heard, of which the last ones are kept as well.
      this.#modules.logger.warn(
        { error: messageOf(error) },
        "it is not noted that peers know this start",
      );
    }
  }
}
