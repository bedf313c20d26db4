import type { SessionId } from "../../base/numbers.ts";
import { sessionId } from "../../base/numbers.ts";
import type { Change } from "../change.ts";
import type { EndSession, RegisterSession } from "../commands.ts";
import { stateErrors } from "../errors.ts";
import {
  leaseMsMax,
  leaseMsMin,
  reasonCharsMax,
  serverCapacityMax,
  sessionKeyBytes,
} from "../limits.ts";
import { clip } from "../names.ts";
import type { CommandDetail } from "../result.ts";
import { ownerGone } from "./assignment-rows.ts";
import { memberOf } from "./servers.ts";

export function registerSession(change: Change, command: RegisterSession): CommandDetail {
  const { serverId, leaseMs, key, capacity } = command;
  memberOf(change.store, serverId);
  check(leaseMs >= leaseMsMin && leaseMs <= leaseMsMax, "leaseMs");
  check(key.length === sessionKeyBytes, "key");
  check(capacity <= serverCapacityMax, "capacity");
  const { sessionsActiveMax } = change.limits;
  if (change.store.sessions.activeCount() >= sessionsActiveMax) {
    throw stateErrors.LIMIT_REACHED(`${String(sessionsActiveMax)} sessions are active`, {
      fields: { limit: "sessionsActiveMax", sessionsActiveMax },
    });
  }
  change.putSession({
    session: sessionId(change.index),
    serverId,
    leaseMs,
    key,
    capacity,
    state: "active",
    endReason: "",
    createdRevision: change.index,
    createdAtMs: change.atMs,
  });
  const detail = `session ${String(change.index)}, lease ${String(leaseMs)} ms`;
  change.note({ subject: `server/${serverId}`, kind: "SessionRegistered", detail });
  return { kind: "session", session: change.index };
}

/** Ending an unknown or ended session does nothing. */
export function endSession(change: Change, command: EndSession): CommandDetail {
  const ended = markEnded(change, command.session, {
    kind: "SessionEnded",
    reason: command.reason,
  });
  if (ended) releaseRowsOf(change, command.session, "owner's session ended");
  return { kind: "none" };
}

export interface SessionEnd {
  readonly kind: "SessionEnded" | "SessionExpired";
  readonly reason: string;
}

/** True when the session was active until now. Its rows must be released in the same entry. */
export function markEnded(change: Change, session: SessionId, end: SessionEnd): boolean {
  const row = change.store.sessions.of(session);
  if (row?.state !== "active") return false;
  change.putSession({ ...row, state: "ended", endReason: clip(end.reason, reasonCharsMax) });
  const detail = `session ${String(session)}: ${end.reason}`;
  change.note({ subject: `server/${row.serverId}`, kind: end.kind, detail });
  return true;
}

/** Every row that the ended session still owns loses its owner, by ascending job id. */
export function releaseRowsOf(change: Change, session: SessionId, reason: string): void {
  const { assignments } = change.store;
  for (const row of assignments.rowsOf(assignments.bySession.sorted(String(session)))) {
    ownerGone(change, row, { kind: "AssignmentLost", reason });
  }
}

function check(holds: boolean, field: string): void {
  if (holds) return;
  throw stateErrors.VALUE_INVALID(`the session's ${field} is out of bounds`, {
    fields: { field, leaseMsMin, leaseMsMax, sessionKeyBytes, serverCapacityMax },
  });
}
