// The states of an assignment row (design of the hand-off) and every way from one to another:
//
//   pending ──assign──▶ assigned ──revoke──▶ revoking
//      ▲                   │  ▲                 │ │
//      │◀──ownerGone───────┘  └──keep───────────┘ │
//      └◀──ownerGone──────────────────────────────┘──▶ assigned to next, stopped, or removed
//
// Invariant: the epoch grows with every new owner and never shrinks; an owner's session is active.
import { defined } from "../../base/assert.ts";
import { plus } from "../../base/numbers.ts";
import type { Change } from "../change.ts";
import { reasonCharsMax } from "../limits.ts";
import { clip } from "../names.ts";
import type { AssignmentRow, Owner } from "../rows.ts";
import type { Store } from "../store.ts";
import { ownerOf } from "../tables/assignments.ts";

/** May hold jobs: an active session of this server, which is a member. */
function isAlive(store: Store, owner: Owner): boolean {
  const session = store.sessions.of(owner.session);
  if (session?.state !== "active" || session.serverId !== owner.serverId) return false;
  const server = store.servers.get(owner.serverId);
  return server !== undefined && server.role !== "removed";
}

/** May be given a job by a plan: alive, and the newest active session of its server. */
export function isNewest(store: Store, owner: Owner): boolean {
  return isAlive(store, owner) && store.sessions.newest(owner.serverId)?.session === owner.session;
}

/** `to` becomes the owner under the next epoch. */
export function assign(change: Change, row: AssignmentRow, to: Owner): AssignmentRow {
  const epoch = plus(row.epoch, 1);
  const owner: Owner = { serverId: to.serverId, session: to.session };
  note(change, row, {
    kind: "AssignmentMade",
    detail: `to ${owner.serverId}, epoch ${String(epoch)}`,
  });
  return change.putAssignment(row, { state: "assigned", owner }, { epoch });
}

/** The owner must stop the job; `next`, or nobody, gets it after the proof. */
export function revoke(change: Change, row: AssignmentRow, next: Owner | undefined): void {
  const owner = defined(ownerOf(row), "owner of a row to revoke");
  const then = next === undefined ? "" : `, next ${next.serverId}`;
  note(change, row, { kind: "AssignmentRevoked", detail: `from ${owner.serverId}${then}` });
  change.putAssignment(row, { state: "revoking", owner, next });
}

/** The revocation is taken back: same owner, same epoch. */
export function keep(change: Change, row: AssignmentRow): void {
  const owner = defined(ownerOf(row), "owner of a row to keep");
  note(change, row, { kind: "RevocationCancelled", detail: `stays on ${owner.serverId}` });
  change.putAssignment(row, { state: "assigned", owner });
}

export interface Departure {
  readonly kind: "AssignmentReleased" | "AssignmentLost";
  readonly reason: string;
}

/** Nobody runs the job any more (exit proven, or the session ended): what was asked for decides what comes next. */
export function ownerGone(change: Change, row: AssignmentRow, departure: Departure): void {
  const { store } = change;
  const owner = defined(ownerOf(row), "owner that is gone");
  note(change, row, { kind: departure.kind, detail: `by ${owner.serverId}: ${departure.reason}` });
  const { desired } = defined(store.jobs.get(row.jobId), "job of an assignment");
  if (desired !== "running") {
    settle(change, row, desired === "deleted" ? undefined : departure.reason);
    return;
  }
  const next = row.assignment.state === "revoking" ? row.assignment.next : undefined;
  if (next !== undefined && isAlive(store, next)) assign(change, row, next);
  else
    change.putAssignment(row, { state: "pending", reason: clip(departure.reason, reasonCharsMax) });
}

/** A row without owner comes to rest: stopped for this reason, or gone when there is none. */
export function settle(change: Change, row: AssignmentRow, stopReason: string | undefined): void {
  if (stopReason === undefined) {
    note(change, row, { kind: "JobDeleted", detail: "" });
    change.removeJob(row.jobId);
    return;
  }
  change.putAssignment(row, { state: "stopped", reason: clip(stopReason, reasonCharsMax) });
}

function note(change: Change, row: AssignmentRow, what: { kind: string; detail: string }): void {
  change.note({ subject: `job/${row.jobId}`, ...what });
}
