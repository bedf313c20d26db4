// Ends uploads whose sender has vanished together with its server: a leader's duty, by its own observation of
// progress, so that no wall clock decides.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noTerm, type Term } from "../base/numbers.ts";
import type { LeaderDuty, Replica } from "../replica/contract.ts";
import { uploadIdleMs, uploadLookMs } from "./limits.ts";

interface Progress {
  readonly mark: string;
  readonly sinceMs: number;
}

export class UploadSweeper implements LeaderDuty {
  readonly name = "upload-sweeper";
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #seen = new Map<string, Progress>();
  #term: Term = noTerm;
  #cancel: Cancel = () => undefined;

  constructor(modules: {
    readonly replica: Replica;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#replica = modules.replica;
    this.#clock = modules.clock;
    this.#logger = modules.logger;
  }

  start(term: Term): void {
    this.#term = term;
    this.#seen.clear();
    this.#look();
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const now = this.#clock.nowMs();
    const uploads = this.#replica.state.uploads();
    const present = new Set(uploads.map(({ uploadId }) => uploadId));
    for (const known of this.#seen.keys()) if (!present.has(known)) this.#seen.delete(known);
    for (const { uploadId, chunks, receipts } of uploads) {
      const mark = `${String(chunks.length)}/${String(receipts.length)}`;
      const known = this.#seen.get(uploadId);
      if (known?.mark !== mark) this.#seen.set(uploadId, { mark, sinceMs: now });
      else if (now - known.sinceMs > uploadIdleMs) void this.#end(uploadId);
    }
    this.#cancel = this.#clock.after(uploadLookMs, () => {
      this.#look();
    });
  }

  async #end(uploadId: string): Promise<void> {
    try {
      await this.#replica.propose(
        { kind: "abort-upload", uploadId, reason: "no progress" },
        { actor: "leader", deadlineMs: uploadLookMs, term: this.#term },
      );
    } catch (error) {
      this.#logger.warn({ uploadId, error: messageOf(error) }, "idle upload could not be ended");
    }
  }
}
