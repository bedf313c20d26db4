// Exactly-once (Raft dissertation §6.3): the result of a request is kept until the client says that it has it.
// Both the number of sessions and of results are bounded, and what was forgotten is refused, never done again.
import type { Change } from "../change.ts";
import type { ClientRequest } from "../commands.ts";
import { stateErrors } from "../errors.ts";
import type { CommandDetail, CommandResult } from "../result.ts";
import { decodeResult, encodeResult } from "../result-codec.ts";
import type { ClientSessionRow } from "../rows.ts";

export function openClientSession(change: Change): CommandDetail {
  const { store, limits, index } = change;
  if (store.clientSessions.size >= limits.clientSessionsMax) change.evictClientSession();
  change.putClientSession({
    clientSession: index,
    results: new Map(),
    floor: 0,
    lastRevision: index,
  });
  return { kind: "session", session: index };
}

/** Runs `execute` at most once for a request, ever. Without a request: once per call. */
export function exactlyOnce(
  change: Change,
  request: ClientRequest | undefined,
  execute: () => CommandResult,
): CommandResult {
  if (request === undefined) return execute();
  const { clientSessions } = change.store;
  const row = clientSessions.of(request.clientSession);
  if (row === undefined || request.sequence <= row.floor) return unknownRequest(change, request);
  const stored = row.results.get(request.sequence);
  const result = stored === undefined ? execute() : decodeResult(stored);
  // The command itself may have evicted the session that it came from (open-client-session at the bound).
  const now = clientSessions.of(request.clientSession);
  if (now !== undefined)
    remember(change, now, { request, encoded: stored ?? encodeResult(result) });
  return result;
}

function unknownRequest(change: Change, request: ClientRequest): CommandResult {
  const { clientSession, sequence } = request;
  const error = stateErrors.UNKNOWN_REQUEST(
    `request ${String(sequence)} of client session ${String(clientSession)} is not remembered: outcome unknown`,
    { fields: { clientSession, sequence } },
  );
  return { kind: "refused", revision: change.index, error: error.toRecord() };
}

interface Outcome {
  readonly request: ClientRequest;
  readonly encoded: Uint8Array;
}

/** A request cannot acknowledge itself or later ones. */
function remember(change: Change, row: ClientSessionRow, { request, encoded }: Outcome): void {
  const all = new Map(row.results).set(request.sequence, encoded);
  let floor = Math.max(row.floor, Math.min(request.acknowledged, request.sequence - 1));
  const sequences = [...all.keys()].sort((a, b) => a - b).filter((sequence) => sequence > floor);
  const surplus = sequences.splice(
    0,
    Math.max(0, sequences.length - change.limits.clientResultsMax),
  );
  floor = surplus.at(-1) ?? floor;
  const results = new Map<number, Uint8Array>();
  for (const sequence of sequences) results.set(sequence, all.get(sequence) ?? encoded);
  const { clientSession } = row;
  change.putClientSession({ clientSession, results, floor, lastRevision: change.index });
}
