// The sending half of replication (§5.3): appends, snapshots when the log no longer reaches back far enough,
// and heartbeats. What may be sent when is decided by `Progress`.
import { assert } from "../base/assert.ts";
import { type Index, type PeerId, plus } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import { payloadBytes } from "./entry-size.ts";
import type { Progress, ProgressView } from "./progress.ts";
import type { TraceEvent } from "./trace.ts";
import type { Entry } from "./types.ts";

/** Sends what `to` lacks, or an empty append with the commit index; nothing while the peer is paused. */
export function sendAppend(core: Core, to: PeerId): void {
  const progress = core.tracker.get(to);
  if (progress !== undefined) trySend(core, to, progress, true);
}

/** As `sendAppend`, but sends nothing when there are no entries for `to`; tells whether something went out. */
export function sendEntries(core: Core, to: PeerId): boolean {
  const progress = core.tracker.get(to);
  return progress !== undefined && trySend(core, to, progress, false);
}

/** Appends for everybody: now, or once at the next `ready()` when coalescing. */
export function broadcastAppend(core: Core): void {
  if (core.config.coalesceAppends) core.appendDue = true;
  else sendAppendToAll(core);
}

/** Sends what `broadcastAppend` put off. */
export function flushAppends(core: Core): void {
  if (!core.appendDue) return;
  core.appendDue = false;
  for (const [peer, progress] of core.tracker.progress) {
    if (peer === core.id) continue;
    // A peer that is streamed to may have got all of it since, with the answer to one of its own messages.
    const news = progress.state !== "replicate" || progress.canBumpCommit(core.log.commit);
    trySend(core, peer, progress, news);
  }
}

function sendAppendToAll(core: Core): void {
  for (const [peer, progress] of core.tracker.progress) {
    if (peer !== core.id) trySend(core, peer, progress, true);
  }
}

// Four parameters: this runs for every message to every peer, and an options object would be made each time.
// eslint-disable-next-line max-params
function trySend(core: Core, to: PeerId, progress: Progress, evenEmpty: boolean): boolean {
  if (progress.paused) return false;
  const { log, config } = core;
  const prevIndex = plus(progress.next, -1);
  const prevTerm = log.term(prevIndex);
  if (prevTerm === undefined) return sendSnapshot(core, to, progress);
  // Into a full window goes an empty append at most: if all that filled it was lost, its answer is the only
  // thing that can open the window again.
  const throttled = progress.state === "replicate" && progress.inflights.full;
  const entries: readonly Entry[] | undefined = throttled
    ? []
    : log.slice(progress.next, plus(log.lastIndex(), 1), config.maxMessageBytes);
  if (entries === undefined) return sendSnapshot(core, to, progress);
  if (entries.length === 0 && !evenEmpty) return false;
  const { id: from, term } = core;
  const { progressId } = progress;
  const commit = log.commit;
  core.send({ kind: "append", from, to, term, prevIndex, prevTerm, entries, commit, progressId });
  progress.sent(entries.length, payloadBytes(entries), commit);
  return true;
}

function sendSnapshot(core: Core, to: PeerId, progress: Progress): boolean {
  // To a silent peer a snapshot would be sent in vain, again and again.
  if (!progress.recentActive) {
    core.record({ kind: "snapshot-withheld", peer: to });
    return false;
  }
  const snapshot = core.log.unstable.snapshot ?? core.log.stable.snapshot();
  assert(snapshot.index > 0, "the log is compacted, yet there is no snapshot");
  if (core.trace !== undefined) {
    const firstIndex = core.log.firstIndex();
    const view = progress.view();
    core.record({ kind: "snapshot-sending", peer: to, snapshot, firstIndex, progress: view });
  }
  progress.becomeSnapshot(snapshot.index);
  const { id: from, term } = core;
  core.send({ kind: "snapshot", from, to, term, snapshot, progressId: progress.progressId });
  recordProgress(core, "snapshot-sent", to);
  return true;
}

/** Records what is now known about `peer`. */
export function recordProgress(
  core: Core,
  kind: Exclude<
    Extract<TraceEvent, { readonly progress: ProgressView }>["kind"],
    "snapshot-sending"
  >,
  peer: PeerId,
): void {
  const progress = core.trace === undefined ? undefined : core.tracker.get(peer);
  if (progress !== undefined) core.record({ kind, peer, progress: progress.view() });
}

/** Announces the newest snapshot once more to every peer that waits for one and answers. */
export function repeatSnapshots(core: Core): void {
  for (const [peer, progress] of core.tracker.progress) {
    if (progress.state === "snapshot") sendSnapshot(core, peer, progress);
  }
}

/** Heartbeats for everybody, confirming read round `readRound` (0 = none). */
export function broadcastHeartbeat(core: Core, readRound: number): void {
  const { id: from, term } = core;
  for (const [to, progress] of core.tracker.progress) {
    if (to === from) continue;
    // Never beyond what is known to match: the entries above might still be others there.
    const commit = Math.min(progress.match, core.log.commit) as Index;
    core.send({ kind: "heartbeat", from, to, term, commit, readRound });
    progress.sentCommit(commit);
  }
}
