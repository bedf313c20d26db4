// The leader's side of replication: what the peers' answers teach it.
import type { PeerId } from "../base/numbers.ts";
import { advanceCommit } from "./commit.ts";
import type { Core } from "./core.ts";
import type { Progress } from "./progress.ts";
import { confirmLease, confirmRounds } from "./read-index.ts";
import { broadcastAppend, recordProgress, sendAppend, sendEntries } from "./send-append.ts";
import { sendTimeoutNow } from "./transfer.ts";
import type { AppendResponse, HeartbeatResponse } from "./types.ts";

/** An answer to an append or a snapshot; the leader's own disk answers the same way. */
export function handleAppendResponse(core: Core, message: AppendResponse): void {
  const progress = progressOf(core, message.from);
  if (progress === undefined) return;
  if (message.progressId !== progress.progressId) {
    // From an earlier stay of this peer in the membership: it speaks of a log that may be gone.
    core.record({ kind: "stale-progress-ignored", message });
    return;
  }
  progress.recentActive = true;
  if (message.reject) handleRejection(core, message, progress);
  else handleAcceptance(core, message, progress);
}

/** What this leader knows about `peer`; undefined when it does not lead, or the peer is no member. */
function progressOf(core: Core, peer: PeerId): Progress | undefined {
  if (core.role !== "leader") return undefined;
  const progress = core.tracker.get(peer);
  if (progress === undefined) core.record({ kind: "no-progress", peer });
  return progress;
}

function handleRejection(core: Core, message: AppendResponse, progress: Progress): void {
  core.record({ kind: "rejection-received", message });
  let hint = message.rejectHint;
  if (message.rejectHintTerm > 0) {
    // The peer's hint skips its entries of too high a term; this skips ours (see `RaftLog.conflictByTerm`).
    hint = core.log.conflictByTerm(hint, message.rejectHintTerm).index;
  }
  if (!progress.retreat(message.index, hint)) return;
  recordProgress(core, "probe-moved-back", message.from);
  if (progress.state === "replicate") progress.becomeProbe();
  sendAppend(core, message.from);
}

function handleAcceptance(core: Core, message: AppendResponse, progress: Progress): void {
  const { from, index } = message;
  const again = progress.match === index && progress.state === "probe";
  if (!progress.advance(index) && !again) return;
  moveOn(core, from, progress);
  if (progress.state === "replicate") progress.inflights.freeTo(index);
  if (advanceCommit(core)) broadcastAppend(core);
  else if (from !== core.id && progress.canBumpCommit(core.log.commit)) sendAppend(core, from);
  if (from === core.id) return;
  // Room in the window may let several messages go at once.
  while (sendEntries(core, from));
  if (from === core.transferee && progress.match === core.log.lastIndex()) {
    sendTimeoutNow(core, from, false);
  }
}

/** An accepted append ends probing; after a snapshot, as soon as the log reaches back to what the peer has. */
function moveOn(core: Core, peer: PeerId, progress: Progress): void {
  if (progress.state === "probe") {
    progress.becomeReplicate();
  } else if (progress.state === "snapshot" && progress.match + 1 >= core.log.firstIndex()) {
    recordProgress(core, "snapshot-recovered", peer);
    progress.becomeProbe();
    progress.becomeReplicate();
  }
}

/** The peer is alive: unpause it, and count its confirmation of a read round. */
export function handleHeartbeatResponse(core: Core, message: HeartbeatResponse): void {
  const progress = progressOf(core, message.from);
  if (progress === undefined) return;
  progress.recentActive = true;
  progress.resume();
  // Also when the peer seems to have everything but is probed (an append was reported lost): its answer to the
  // empty append brings it back to streaming. In a full window the empty append finds out what was lost.
  if (progress.match < core.log.lastIndex() || progress.state === "probe") {
    sendAppend(core, message.from);
  }
  if (message.loyalMs >= core.config.electionMs) confirmLease(core, progress, message.readRound);
  if (message.readRound > progress.readRound) {
    progress.readRound = message.readRound;
    confirmRounds(core);
  }
}

/** The transport could not deliver: what was streamed is probably lost. */
export function reportUnreachable(core: Core, peer: PeerId): void {
  const progress = progressOf(core, peer);
  if (progress === undefined) return;
  if (progress.state === "replicate") progress.becomeProbe();
  recordProgress(core, "unreachable", peer);
}

/** The peer has the snapshot (`ok`), or will not get it. */
export function reportSnapshot(core: Core, peer: PeerId, ok: boolean): void {
  const progress = progressOf(core, peer);
  if (progress?.state !== "snapshot") return;
  if (ok) progress.becomeProbe();
  else progress.snapshotFailed();
  recordProgress(core, ok ? "snapshot-succeeded" : "snapshot-failed", peer);
  // Wait for the peer's own answer, or for a heartbeat's, before trying again.
  progress.pause();
}
