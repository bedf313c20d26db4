// Which committed entries are being applied, and how much is freed when they are.
import type { Index } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import { entriesBytes, payloadBytes } from "./entry-size.ts";
import type { Entry } from "./types.ts";

interface Batch {
  readonly last: Index;
  readonly bytes: number;
  readonly payloadBytes: number;
}

export class Applying {
  readonly #batches: Batch[] = [];

  /** The next committed entries; only durable ones, so that what is applied can never be lost here. */
  next(core: Core): readonly Entry[] {
    const entries = core.log.nextCommitted(false);
    const last = entries.at(-1);
    if (last === undefined) return entries;
    core.log.acceptApplying(entries, false);
    const bytes = entriesBytes(entries);
    this.#batches.push({ last: last.index, bytes, payloadBytes: payloadBytes(entries) });
    return entries;
  }

  /** An installed snapshot has overtaken what was handed out before it: nobody will report that as applied. */
  overtaken(core: Core): void {
    while (this.#batches.length > 0 && (this.#batches[0]?.last ?? 0) <= core.log.applied) {
      this.#batches.shift();
    }
  }

  /** Everything up to `index` is applied; an index already applied changes nothing. */
  finish(core: Core, index: Index): void {
    let bytes = 0;
    let payload = 0;
    while (this.#batches.length > 0 && (this.#batches[0]?.last ?? 0) <= index) {
      const batch = this.#batches.shift();
      bytes += batch?.bytes ?? 0;
      payload += batch?.payloadBytes ?? 0;
    }
    core.uncommittedBytes = Math.max(0, core.uncommittedBytes - payload);
    const applied = Math.max(index, core.log.applied) as Index;
    core.log.appliedTo(applied, bytes);
  }
}
