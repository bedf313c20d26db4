// Proposals as etcd takes them: a follower forwards them to its leader, and a membership change that cannot be
// taken becomes an empty entry.
import { QuorateError } from "../../../../src/base/errors.ts";
import { noIndex, noPeer, noTerm, plus } from "../../../../src/base/numbers.ts";
import type { Core } from "../../../../src/raft/core.ts";
import { membershipEncode } from "../../../../src/raft/membership/codec.ts";
import { propose, proposeMembership } from "../../../../src/raft/propose.ts";
import type { Entry } from "../../../../src/raft/types.ts";
import {
  type ConfChange,
  confChangeOf,
  confChangeText,
  remember,
  toMembershipChange,
} from "../wording/conf-change.ts";
import { hex } from "../wording/go-format.ts";
import { proposalDropped, transferringLine } from "../wording/log-lines.ts";
import { configText } from "../wording/state.ts";
import type { Output } from "./output.ts";
import type { Server } from "./server.ts";

/** An entry before it has its place in a log. */
export function normalEntry(data: Uint8Array): Entry {
  return { index: noIndex, term: noTerm, type: "normal", data };
}

export function changeEntry(change: ConfChange): Entry {
  const data = membershipEncode(toMembershipChange(change));
  remember(data, change);
  return { index: noIndex, term: noTerm, type: "membership", data };
}

/** Takes a proposal on any server; a string is the original's complaint. */
export function proposeOn(server: Server, entry: Entry, output: Output): string | undefined {
  const { core, handout } = server;
  const { id, role, leader, term } = core;
  if (role === "leader") return proposeOnLeader(core, entry, output);
  if (role === "follower" && leader !== noPeer) {
    handout.interject({ kind: "proposal", from: id, to: leader, entry });
    return undefined;
  }
  output.log("INFO", `${hex(id)} no leader at term ${term}; dropping proposal`);
  return proposalDropped;
}

function proposeOnLeader(core: Core, entry: Entry, output: Output): string | undefined {
  try {
    if (entry.type === "normal") propose(core, [entry.data]);
    else proposeChange(core, confChangeOf(entry.data), output);
    return undefined;
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    if (error.code === "QUORATE_RAFT_TRANSFERRING") {
      output.log(...transferringLine(core.id, core.term, core.transferee));
    } else if (error.code !== "QUORATE_RAFT_NOT_LEADER") throw error;
    return proposalDropped;
  }
}

function proposeChange(core: Core, change: ConfChange, output: Output): void {
  try {
    const { index } = proposeMembership(core, toMembershipChange(change));
    const [entry] = core.log.slice(index, plus(index, 1), 1) ?? [];
    if (entry !== undefined) remember(entry.data, change);
  } catch (error) {
    const reason = error instanceof QuorateError ? refusal(error) : undefined;
    if (reason === undefined) throw error;
    const at = configText(core.tracker.configuration);
    const text = `ignoring conf change ${confChangeText(change)} at config ${at}: ${reason}`;
    output.log("INFO", `${hex(core.id)} ${text}`);
    propose(core, [new Uint8Array(0)]);
  }
}

/** Why a change is not taken, in the original's words; undefined when the original would take it. */
function refusal({ fields }: QuorateError): string | undefined {
  const { reason, pending, applied } = fields;
  if (reason === "unapplied") {
    const at = `index ${String(pending)} (applied to ${String(applied)})`;
    return `possible unapplied conf change at ${at}`;
  }
  if (reason === "joint") return "must transition out of joint config first";
  if (reason === "not-joint") return "not in joint state; refusing empty conf change";
  return undefined;
}
