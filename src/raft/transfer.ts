// Handing leadership over (§3.10 of the dissertation): stop accepting proposals, bring the target up to date,
// tell it to campaign at once. After one election timeout without success the leader goes on.
import { noPeer, type PeerId } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import { sendAppend } from "./send-append.ts";
import type { TransferRequest } from "./types.ts";

export function abortTransfer(core: Core, reason: "timeout" | "replaced" | "not-voter"): void {
  if (core.transferee === noPeer) return;
  core.record({ kind: "transfer-aborted", to: core.transferee, reason });
  core.transferee = noPeer;
}

/** `atOnce`: the target had everything when the transfer was asked for. */
export function sendTimeoutNow(core: Core, to: PeerId, atOnce: boolean): void {
  core.lease.end();
  core.send({ kind: "timeout-now", from: core.id, to, term: core.term });
  core.record({ kind: "timeout-now-sent", to, atOnce });
}

/** Starts a transfer on the leader; a second one replaces the first. */
export function startTransfer(core: Core, to: PeerId): void {
  const progress = core.tracker.get(to);
  if (progress === undefined) {
    core.record({ kind: "no-progress", peer: to });
    return;
  }
  if (progress.learner) {
    core.record({ kind: "transfer-ignored", to, reason: "learner" });
    return;
  }
  if (core.transferee === to) {
    core.record({ kind: "transfer-ignored", to, reason: "in-progress" });
    return;
  }
  abortTransfer(core, "replaced");
  if (to === core.id) {
    core.record({ kind: "transfer-ignored", to, reason: "self" });
    return;
  }
  core.record({ kind: "transfer-started", to });
  // The timeout of the transfer is counted by the same clock as the check of the quorum.
  core.electionElapsed = 0;
  core.transferee = to;
  if (progress.match === core.log.lastIndex()) sendTimeoutNow(core, to, true);
  else sendAppend(core, to);
}

/** Passes the wish on to the leader. */
export function forwardTransfer(core: Core, transferee: PeerId): void {
  if (core.leader === noPeer) {
    core.record({ kind: "transfer-ignored", to: transferee, reason: "no-leader" });
    return;
  }
  core.send({ kind: "transfer", from: core.id, to: core.leader, term: core.term, transferee });
}

export function handleTransfer(core: Core, message: TransferRequest): void {
  if (core.role === "leader") startTransfer(core, message.transferee);
  else if (core.role === "follower") forwardTransfer(core, message.transferee);
}
