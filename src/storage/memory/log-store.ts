// The LogStore in memory. Invariant: the content, and with it the view, changes only when the device has
// synced a write; a store that is made again over the same content is the store after a restart.
import { assert } from "../../base/assert.ts";
import type { Index, Term } from "../../base/numbers.ts";
import { noIndex, noPeer, noTerm, plus } from "../../base/numbers.ts";
import type { LogView } from "../../raft/log-view.ts";
import type { Entry, HardState, SnapshotMeta } from "../../raft/types.ts";
import type { LogBatch, LogStats, LogStore } from "../contract.ts";
import { checkAppend, planCompaction } from "../log-rules.ts";
import { noSnapshot } from "../snapshot-meta.ts";
import { WriteGate } from "../write-gate.ts";
import type { MemoryDevice } from "./device.ts";

/** Durable content of a log. */
export class MemoryLogContent implements LogView {
  #hardState: HardState = { term: noTerm, vote: noPeer, commit: noIndex };
  #snapshot: SnapshotMeta = noSnapshot;
  #baseIndex: Index = noIndex;
  #baseTerm: Term = noTerm;
  #entries: Entry[] = [];

  initialHardState(): HardState {
    return this.#hardState;
  }

  firstIndex(): Index {
    return plus(this.#baseIndex, 1);
  }

  lastIndex(): Index {
    return plus(this.#baseIndex, this.#entries.length);
  }

  snapshot(): SnapshotMeta {
    return this.#snapshot;
  }

  term(index: Index): Term | undefined {
    if (index === this.#baseIndex) return this.#baseTerm;
    return this.#entries[index - this.#baseIndex - 1]?.term;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] | undefined {
    if (from < this.firstIndex()) return undefined;
    assert(from <= to && to <= this.lastIndex() + 1, "a read beyond the end of the log");
    const found: Entry[] = [];
    let bytes = 0;
    for (const entry of this.#entries.slice(from - this.#baseIndex - 1, to - this.#baseIndex - 1)) {
      bytes += entry.data.length;
      if (bytes > maxBytes && found.length > 0) break;
      found.push(entry);
    }
    return found;
  }

  append(batch: LogBatch, hardState: HardState): void {
    const first = batch.entries[0];
    if (first !== undefined) this.#entries.length = first.index - this.#baseIndex - 1;
    this.#entries.push(...batch.entries);
    this.#hardState = hardState;
  }

  compact(snapshot: SnapshotMeta, keepFrom: Index): void {
    const plan = planCompaction(this, this.#hardState, { snapshot, keepFrom });
    this.#entries = plan.replaced ? [] : this.#entries.slice(plan.first - this.#baseIndex - 1);
    this.#baseIndex = plus(plan.first, -1);
    this.#baseTerm = plan.baseTerm;
    this.#hardState = plan.hardState;
    this.#snapshot = snapshot;
  }
}

export interface MemoryLogStoreModules {
  readonly device: MemoryDevice;
  readonly content: MemoryLogContent;
}

/** What a hard state or a snapshot's description takes, for the device's schedule. */
const recordBytes = 64;

export class MemoryLogStore implements LogStore {
  readonly view: LogView;
  readonly #device: MemoryDevice;
  readonly #content: MemoryLogContent;
  readonly #gate = new WriteGate({ store: "the log" });
  #isAppending = false;
  #appends = 0;
  #appendedBytes = 0;

  constructor(modules: MemoryLogStoreModules) {
    this.#device = modules.device;
    this.#content = modules.content;
    this.view = modules.content;
  }

  async append(batch: LogBatch): Promise<void> {
    assert(!this.#isAppending, "one append may be in flight");
    this.#isAppending = true;
    try {
      await this.#gate.exclusive(() => this.#append(batch));
    } finally {
      this.#isAppending = false;
    }
  }

  async compact(snapshot: SnapshotMeta, keepFrom: Index): Promise<void> {
    await this.#gate.exclusive(() => {
      const content = this.#content;
      planCompaction(content, content.initialHardState(), { snapshot, keepFrom });
      return this.#gate.io(() =>
        this.#device.write(recordBytes, () => {
          content.compact(snapshot, keepFrom);
        }),
      );
    });
  }

  stats(): LogStats {
    return {
      entries: this.#content.lastIndex() + 1 - this.#content.firstIndex(),
      cachedBytes: 0,
      appends: this.#appends,
      appendedBytes: this.#appendedBytes,
    };
  }

  async close(): Promise<void> {
    await this.#gate.close();
  }

  async #append(batch: LogBatch): Promise<void> {
    const content = this.#content;
    const hardState = checkAppend(content, content.initialHardState(), batch);
    if (batch.entries.length === 0 && batch.hardState === undefined) return;
    let sizeBytes = 0;
    for (const entry of batch.entries) sizeBytes += entry.data.length;
    await this.#gate.io(() =>
      this.#device.write(sizeBytes + recordBytes, () => {
        content.append(batch, hardState);
      }),
    );
    this.#appends += 1;
    this.#appendedBytes += sizeBytes;
  }
}
