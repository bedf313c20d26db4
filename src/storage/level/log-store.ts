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
import { AppendScratch } from "./append-scratch.ts";
import type { Batch, Database } from "./database.ts";
import { isCorruption } from "./database.ts";
import { encodeEntry, entryBytes, groupBytesMax } from "./entry-codec.ts";
import { entryKey, snapshotKey, stateCopyKey, stateKey } from "./keys.ts";
import type { LogContent } from "./log-content.ts";
import type { LogState } from "./log-state.ts";
import { encodeLogState, logStateBytes } from "./log-state.ts";
import { LogTrimmer } from "./log-trimmer.ts";
import { sealSnapshotMeta } from "./sealed-meta.ts";
import type { TwoViews } from "./two-views.ts";

/** Size up to which a batch takes the quicker path, which holds on to native memory for longer. */
const smallBatchBytesMax = 16 * 1024;

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

interface Encoded {
  readonly checksums: readonly number[];
  /** First entries of the groups. */
  readonly groups: readonly number[];
  /** Where in the scratch the state goes. */
  readonly stateAt: number;
}

function damageFoundByWriting(cause: unknown): QuorateError | undefined {
  if (!isCorruption(cause)) return undefined;
  return storageErrors.CORRUPT_LOG(`LevelDB found damage in the log: ${messageOf(cause)}`, {
    cause,
  });
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
    const { entries } = batch;
    const hardState = checkAppend(content, content.state.hardState, batch);
    const first = entries[0]?.index ?? content.lastIndex() + 1;
    if (entries.length === 0 && batch.hardState === undefined) return;
    const before = content.checksum(first - 1);
    const sizeBytes = entries.reduce((sum, { data }) => sum + entryBytes(data.length), 0);
    const scratch = this.#scratch.reserve(sizeBytes + logStateBytes);
    const writes = this.#database.batch(sizeBytes <= smallBatchBytesMax ? "small" : "large");
    const isReplacing = first <= content.lastIndex();
    if (isReplacing) this.#cut(writes, first);
    const { checksums, groups, stateAt } = putGroups(writes, scratch, { entries, before });
    const state: LogState = {
      ...content.state,
      sequence: content.state.sequence + 1,
      hardState,
      lastIndex: entries.at(-1)?.index ?? content.lastIndex(),
      lastChecksum: checksums.at(-1) ?? before,
    };
    putState(writes, scratch, { state, at: stateAt });
    await this.#commit(writes, isReplacing);
    content.appended(entries, { checksums, before, state, groups });
    this.#appends += 1;
    this.#appendedBytes += sizeBytes;
  }

  /** Takes `first` and everything after it away. */
  #cut(writes: Batch, first: number): void {
    for (const start of this.#content.groupsFrom(first)) writes.del(entryKey(start));
    const cut = this.#content.cutBefore(first);
    if (cut !== undefined) writes.put(entryKey(cut.start), cut.value);
  }

  async #compact(snapshot: SnapshotMeta, keepFrom: Index): Promise<void> {
    const content = this.#content;
    const before = content.state;
    const plan = planCompaction(content, before.hardState, { snapshot, keepFrom });
    const baseIndex = plus(plan.first, -1);
    const baseChecksum = plan.replaced ? 0 : content.checksum(baseIndex);
    const scratch = this.#scratch.reserve(logStateBytes);
    const writes = this.#database.batch("large");
    if (plan.replaced) {
      for (const start of content.groupsFrom(plan.first)) writes.del(entryKey(start));
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
      ...this.#deadRange(before, plan),
    };
    putState(writes, scratch, { state, at: 0 });
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

  /** What to delete later: the groups that went, not the gap up to a snapshot far beyond the end of the log. */
  #deadRange(before: LogState, plan: Compaction): Pick<LogState, "deadFrom" | "deadTo"> {
    const isClean = before.deadFrom === before.deadTo;
    const end = Math.min(plan.first, before.lastIndex + 1);
    // A group of which some entries stay, stays whole.
    const deadTo = plan.replaced ? end : (this.#content.groupOf(end) ?? end);
    return {
      deadFrom: isClean ? before.deadTo : before.deadFrom,
      deadTo: index(Math.max(deadTo, before.deadTo)),
    };
  }
}

function putGroups(
  writes: Batch,
  scratch: TwoViews,
  { entries, before }: { readonly entries: readonly Entry[]; readonly before: number },
): Encoded {
  const checksums: number[] = [];
  const groups: number[] = [];
  let previous = before;
  let from = 0;
  let at = 0;
  for (const entry of entries) {
    const sizeBytes = entryBytes(entry.data.length);
    if (at > from && at + sizeBytes - from > groupBytesMax) {
      writes.put(entryKey(groups.at(-1) ?? 0), scratch.bytes.subarray(from, at));
      from = at;
    }
    if (at === from) groups.push(entry.index);
    previous = encodeEntry(scratch, at, { entry, previous });
    checksums.push(previous);
    at += sizeBytes;
  }
  if (at > from) writes.put(entryKey(groups.at(-1) ?? 0), scratch.bytes.subarray(from, at));
  return { checksums, groups, stateAt: at };
}

/** Both copies last: the batch then ends in the record's end mark. */
function putState(
  writes: Batch,
  scratch: TwoViews,
  { state, at }: { readonly state: LogState; readonly at: number },
): void {
  encodeLogState(scratch, at, state);
  const record = scratch.bytes.subarray(at, at + logStateBytes);
  writes.put(stateKey, record);
  writes.put(stateCopyKey, record);
}
