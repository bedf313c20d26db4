// The rebalancer's decision. The planner is not trusted with safety: every move is checked against the row and
// the sessions as they are now, alone, and a stale one is skipped. The expiries are never skipped.
import { unreachable } from "../../base/assert.ts";
import type { Epoch } from "../../base/numbers.ts";
import type { Change } from "../change.ts";
import type { ApplyPlan, PlanMove } from "../commands.ts";
import type { CommandDetail } from "../result.ts";
import type { AssignmentRow, Owner } from "../rows.ts";
import { ownerOf, sessionOf } from "../tables/assignments.ts";
import { assign, isNewest, keep, revoke } from "./assignment-rows.ts";
import { markEnded, releaseRowsOf } from "./sessions.ts";

export function applyPlan(change: Change, plan: ApplyPlan): CommandDetail {
  const end = { kind: "SessionExpired", reason: "expired" } as const;
  const expired = plan.expire.filter((session) => markEnded(change, session, end));
  const moved: { jobId: string; epoch: Epoch }[] = [];
  const seen = new Set<string>();
  for (const move of plan.moves) {
    if (seen.has(move.jobId)) continue;
    seen.add(move.jobId);
    const epoch = carryOut(change, move);
    if (epoch !== undefined) moved.push({ jobId: move.jobId, epoch });
  }
  for (const session of expired) releaseRowsOf(change, session, "owner's session expired");
  if (expired.length > 0 || moved.length > 0) {
    const counts = `${String(moved.length)} of ${String(plan.moves.length)} moves, ${String(expired.length)} expired`;
    const detail = `${counts}, algorithm ${String(plan.algorithmVersion)}: ${plan.reason}`;
    change.note({ subject: "cluster", kind: "PlanApplied", detail });
  }
  return { kind: "plan", moved };
}

/** The row's epoch after the move; undefined when the move was skipped. */
function carryOut(change: Change, move: PlanMove): Epoch | undefined {
  const { store } = change;
  const row = store.assignments.get(move.jobId);
  if (row === undefined || store.jobs.get(move.jobId)?.desired !== "running") return undefined;
  if (sessionOf(row) !== move.prevSession || row.epoch !== move.prevEpoch) return undefined;
  switch (move.action) {
    case "assign":
      return assignOrphan(change, row, move.to);
    case "revoke":
      return revokeAssigned(change, row, move.to);
    case "cancel":
      return cancelRevocation(change, row);
    default:
      return unreachable(move.action);
  }
}

function assignOrphan(
  change: Change,
  row: AssignmentRow,
  to: Owner | undefined,
): Epoch | undefined {
  const wantsOwner = row.assignment.state === "pending" || hasEndedOwner(change, row);
  if (!wantsOwner || to === undefined || !isNewest(change.store, to)) return undefined;
  return assign(change, row, to).epoch;
}

function revokeAssigned(
  change: Change,
  row: AssignmentRow,
  to: Owner | undefined,
): Epoch | undefined {
  if (row.assignment.state !== "assigned" || hasEndedOwner(change, row)) return undefined;
  if (to !== undefined && !isNewest(change.store, to)) return undefined;
  revoke(change, row, to);
  return row.epoch;
}

function cancelRevocation(change: Change, row: AssignmentRow): Epoch | undefined {
  const { assignment } = row;
  if (assignment.state !== "revoking" || hasEndedOwner(change, row)) return undefined;
  const { owner, next } = assignment;
  if (next === undefined || next.session === owner.session) return undefined;
  keep(change, row);
  return row.epoch;
}

/** Only true for sessions that this very entry ended: rows never keep an ended owner. */
function hasEndedOwner(change: Change, row: AssignmentRow): boolean {
  const owner = ownerOf(row);
  return owner !== undefined && !change.store.sessions.isActive(owner.session);
}
