// Taking proposals on the leader: all checks first, so that a refusal means that nothing was appended.
import { assert } from "../base/assert.ts";
import type { QuorateError } from "../base/errors.ts";
import { type Index, noPeer, type Term } from "../base/numbers.ts";
import { appendProposals } from "./append.ts";
import type { Core } from "./core.ts";
import { raftErrors } from "./errors.ts";
import { proposeChange } from "./membership/apply.ts";
import { broadcastAppend } from "./send-append.ts";
import type { MembershipChange } from "./types.ts";

/** Where a proposal was put: its first entry. It is committed when this index is applied with this term. */
export interface Proposed {
  readonly index: Index;
  readonly term: Term;
}

/** Appends commands, all or none; throws NOT_LEADER, TRANSFERRING, PROPOSAL_LIMIT or ENTRY_TOO_LARGE. */
export function propose(core: Core, data: readonly Uint8Array[]): Proposed {
  assert(data.length > 0, "a proposal has at least one entry");
  assertMayPropose(core, data);
  const index = appendProposals(
    core,
    data.map((bytes) => ({ type: "normal", data: bytes })),
  );
  if (index === undefined) throw overLimit(core);
  broadcastAppend(core);
  return { index, term: core.term };
}

/** Appends a membership change; throws as `propose`, and MEMBERSHIP_PENDING or MEMBERSHIP_INVALID. */
export function proposeMembership(core: Core, change: MembershipChange): Proposed {
  assertMayPropose(core, [change.context]);
  const index = proposeChange(core, change);
  if (index === undefined) throw overLimit(core);
  return { index, term: core.term };
}

function assertMayPropose(core: Core, data: readonly Uint8Array[]): void {
  if (core.role !== "leader" || !core.tracker.has(core.id)) throw notLeader(core);
  if (core.transferee !== noPeer) {
    throw raftErrors.TRANSFERRING(`leadership goes to ${String(core.transferee)}`, {
      fields: { transferee: core.transferee },
    });
  }
  const bytesMax = core.config.maxEntryBytes;
  for (const { length } of data) {
    if (length <= bytesMax) continue;
    throw raftErrors.ENTRY_TOO_LARGE(`${String(length)} bytes, at most ${String(bytesMax)} fit`, {
      fields: { bytes: length, bytesMax },
    });
  }
}

export function notLeader(core: Core): QuorateError {
  const { leader, term } = core;
  return raftErrors.NOT_LEADER("this server does not lead", { fields: { leader, term } });
}

function overLimit(core: Core): QuorateError {
  const { uncommittedBytes, config } = core;
  return raftErrors.PROPOSAL_LIMIT(
    `${String(uncommittedBytes)} bytes wait to be applied, at most ${String(config.maxUncommittedBytes)} may`,
    { fields: { uncommittedBytes, maxUncommittedBytes: config.maxUncommittedBytes } },
  );
}
