// The Raft log and hard state in one LevelDB database. An append is one synced batch: entries, deletions of a
// replaced suffix, and both copies of the state record.
import { assert } from "../../base/assert.ts";
import { messageOf, type QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Index } from "../../base/numbers.ts";
import { index, plus } from "../../base/numbers.ts";
import type { LogView } from "../../raft/log-view.ts";
import type { Entry, SnapshotMeta } from "../../raft/types.ts";
import type { LogBatch, LogStats, LogStore } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import type { Compaction } from "../log-rules.ts";
import { checkAppend, planCompaction } from "../log-rules.ts";
import { WriteGate } from "../write-gate.ts";
import { AppendScratch, slotBytes } from "./append-scratch.ts";
import type { Batch, Database } from "./database.ts";
import { isCorruption } from "./database.ts";
import { encodeEntry } from "./entry-codec.ts";
import { entryKey, snapshotKey, stateCopyKey, stateKey, writeEntryKey } from "./keys.ts";
import type { LogContent } from "./log-content.ts";
import type { LogState } from "./log-state.ts";
import { encodeLogState, logStateBytes } from "./log-state.ts";
import { LogTrimmer } from "./log-trimmer.ts";
import { sealSnapshotMeta } from "./sealed-meta.ts";

/** Average size up to which values take the faster path of `Database.batch`. */
const smallValueBytesMax = 1024;

export interface LevelLogStoreModules {
  readonly database: Database;
  /** As `loadLog` filled it. */
  readonly content: LogContent;
  readonly logger: Logger;
}

export interface LevelLogStoreOptions {
  /** Dead bytes after which LevelDB is made to give space back; default 16 MiB. */
  readonly deadBytesMin?: number;
}

/** A batch of small values has taken a copy of what it was given, so all entries can be put together in the same place. */
type Place = "same" | "own";

interface Encoded {
  readonly checksums: readonly number[];
  /** Where in the scratch the state goes. */
  readonly stateAt: number;
}

function damageFoundByWriting(cause: unknown): QuorateError | undefined {
  if (!isCorruption(cause)) return undefined;
  return storageErrors.CORRUPT_LOG(`LevelDB found damage in the log: ${messageOf(cause)}`, {
    cause,
  });
}

/** What to delete later: the entries that went, not the gap up to a snapshot far beyond the end of the log. */
function deadRange(before: LogState, plan: Compaction): Pick<LogState, "deadFrom" | "deadTo"> {
  const isClean = before.deadFrom === before.deadTo;
  const deadTo = Math.min(plan.first, before.lastIndex + 1);
  return {
    deadFrom: isClean ? plus(before.baseIndex, 1) : before.deadFrom,
    deadTo: index(Math.max(deadTo, before.baseIndex + 1)),
  };
}

export class LevelLogStore implements LogStore {
  readonly view: LogView;
  readonly #database: Database;
  readonly #content: LogContent;
  readonly #gate = new WriteGate({ store: "the log", explain: damageFoundByWriting });
  readonly #trimmer: LogTrimmer;
  readonly #scratch = new AppendScratch();
  #isAppending = false;
  #appends = 0;
  #appendedBytes = 0;

  constructor(options: LevelLogStoreOptions, modules: LevelLogStoreModules) {
    this.view = modules.content;
    this.#database = modules.database;
    this.#content = modules.content;
    this.#trimmer = new LogTrimmer(options, { ...modules, gate: this.#gate });
  }

  /** Goes on deleting what an earlier process left behind. */
  start(): void {
    this.#trimmer.wake();
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
    await this.#gate.exclusive(() => this.#compact(snapshot, keepFrom));
    this.#trimmer.wake();
  }

  stats(): LogStats {
    return {
      entries: this.#content.lastIndex() - this.#content.state.baseIndex,
      cachedBytes: this.#content.cachedBytes,
      appends: this.#appends,
      appendedBytes: this.#appendedBytes,
    };
  }

  /** Resolves when the space of compacted entries was given back, as far as it is worth it. */
  idle(): Promise<void> {
    return this.#trimmer.idle();
  }

  async close(): Promise<void> {
    await this.#trimmer.stop();
    if (await this.#gate.close()) await this.#database.close();
  }

  async #append(batch: LogBatch): Promise<void> {
    const content = this.#content;
    const hardState = checkAppend(content, content.state.hardState, batch);
    const first = batch.entries[0];
    if (first === undefined && batch.hardState === undefined) return;
    const before = content.checksum((first?.index ?? content.lastIndex() + 1) - 1);
    const sizeBytes = this.#reserve(batch.entries);
    const isSmall = sizeBytes <= smallValueBytesMax * (batch.entries.length + 1);
    const writes = this.#database.batch(isSmall ? "small" : "large");
    const place = isSmall ? "same" : "own";
    const encoded = this.#putEntries(writes, batch.entries, { before, place });
    const lastIndex = batch.entries.at(-1)?.index ?? content.lastIndex();
    const isTruncating =
      lastIndex < content.lastIndex() || (first?.index ?? lastIndex + 1) <= content.lastIndex();
    for (let at = lastIndex + 1; at <= content.lastIndex(); at += 1) writes.del(entryKey(at));
    const state: LogState = {
      ...content.state,
      sequence: content.state.sequence + 1,
      hardState,
      lastIndex,
      lastChecksum: encoded.checksums.at(-1) ?? before,
    };
    this.#putState(writes, state, encoded.stateAt);
    await this.#commit(writes, isTruncating);
    content.appended(batch.entries, { checksums: encoded.checksums, before, state });
    this.#appends += 1;
    this.#appendedBytes += sizeBytes;
  }

  async #compact(snapshot: SnapshotMeta, keepFrom: Index): Promise<void> {
    const content = this.#content;
    const before = content.state;
    const plan = planCompaction(content, before.hardState, { snapshot, keepFrom });
    const baseIndex = plus(plan.first, -1);
    const baseChecksum = plan.replaced ? 0 : content.checksum(baseIndex);
    this.#reserve([]);
    const writes = this.#database.batch("large");
    if (plan.replaced) {
      for (let at: number = plan.first; at <= before.lastIndex; at += 1) writes.del(entryKey(at));
    }
    writes.put(snapshotKey, sealSnapshotMeta(snapshot));
    const state: LogState = {
      sequence: before.sequence + 1,
      hardState: plan.hardState,
      baseIndex,
      baseTerm: plan.baseTerm,
      baseChecksum,
      lastIndex: plan.replaced ? baseIndex : before.lastIndex,
      lastChecksum: plan.replaced ? baseChecksum : before.lastChecksum,
      snapshotIndex: snapshot.index,
      ...deadRange(before, plan),
    };
    this.#putState(writes, state, 0);
    await this.#commit(writes, plan.replaced);
    content.compacted(snapshot, state);
  }

  /** While a batch that replaces entries is on its way, the view goes on showing the old ones. */
  async #commit(writes: Batch, isReplacing: boolean): Promise<void> {
    if (isReplacing) this.#content.freeze();
    try {
      await this.#gate.io(() => writes.commit());
    } finally {
      if (isReplacing) await this.#content.unfreeze();
    }
  }

  #putEntries(
    writes: Batch,
    entries: readonly Entry[],
    { before, place }: { readonly before: number; readonly place: Place },
  ): Encoded {
    const checksums: number[] = [];
    let previous = before;
    let at = 0;
    for (const entry of entries) {
      const slot = this.#scratch.slot(at, entry.data.length);
      writeEntryKey(slot.key, entry.index);
      previous = encodeEntry(slot, { entry, previous });
      checksums.push(previous);
      writes.put(slot.key, slot.value);
      if (place === "own") at = slot.end;
    }
    return { checksums, stateAt: at };
  }

  /** Both copies last: the batch then ends in the record's end mark. */
  #putState(writes: Batch, state: LogState, at: number): void {
    const record = this.#scratch.bytes(at, logStateBytes);
    encodeLogState(record, 0, state);
    writes.put(stateKey, record);
    writes.put(stateCopyKey, record);
  }

  /** Room for one batch in the scratch; returns the bytes of the entries in it. */
  #reserve(entries: readonly Entry[]): number {
    let sizeBytes = 0;
    for (const entry of entries) sizeBytes += slotBytes(entry.data.length);
    this.#scratch.reserve(sizeBytes + logStateBytes);
    return sizeBytes;
  }
}
