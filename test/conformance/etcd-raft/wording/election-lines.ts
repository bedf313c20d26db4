// Log lines about elections, terms and transfers of leadership.
import type { TraceContext } from "../../../../src/raft/trace.ts";
import { hex } from "./go-format.ts";
import { type EventOf, type Line, type Lines, positionText } from "./lines.ts";
import { sender, typeName } from "./message.ts";
import { roleNames } from "./state.ts";

const responseName = (preVote: boolean): string =>
  typeName(preVote ? "pre-vote-response" : "vote-response");

function became(what: string): (event: unknown, context: TraceContext) => readonly Line[] {
  return (_, { id, term }) => [["INFO", `${hex(id)} became ${what} at term ${term}`]];
}

function voteDecided(event: EventOf<"vote-decided">, context: TraceContext): readonly Line[] {
  const { decision, message, last, vote, leaseTicks } = event;
  const { id, term } = context;
  const verbs = {
    granted: ["cast", "for"],
    rejected: ["rejected", "from"],
    "ignored-in-lease": ["ignored", "from"],
  } as const;
  const [verb, preposition] = verbs[decision];
  const theirs = `[logterm: ${message.lastTerm}, index: ${message.lastIndex}]`;
  const request = `${typeName(message.kind)} ${preposition} ${hex(message.from)} ${theirs}`;
  const reason =
    decision === "ignored-in-lease"
      ? `: lease is not expired (remaining ticks: ${leaseTicks})`
      : "";
  const text = `${positionText(id, last)}, vote: ${hex(vote)}] ${verb} ${request} at term ${term}`;
  return [["INFO", `${text}${reason}`]];
}

function campaignRefused(event: EventOf<"campaign-refused">, context: TraceContext): Line[] {
  const { id, term } = context;
  const texts: Readonly<Record<typeof event.reason, Line>> = {
    "already-leader": ["DEBUG", `${hex(id)} ignoring MsgHup because already leader`],
    unpromotable: ["WARN", `${hex(id)} is unpromotable and can not campaign`],
    "membership-unapplied": [
      "WARN",
      `${hex(id)} cannot campaign at term ${term} since there are still pending configuration changes to apply`,
    ],
  };
  return [texts[event.reason]];
}

function transferIgnored(event: EventOf<"transfer-ignored">, context: TraceContext): Line[] {
  const { id, term } = context;
  const to = hex(event.to);
  const texts: Readonly<Record<typeof event.reason, Line>> = {
    "in-progress": [
      "INFO",
      `${hex(id)} [term ${term}] transfer leadership to ${to} is in progress, ignores request to same node ${to}`,
    ],
    self: ["DEBUG", `${hex(id)} is already leader. Ignored transferring leadership to self`],
    learner: ["DEBUG", `${hex(id)} is learner. Ignored transferring leadership`],
    "no-leader": ["INFO", `${hex(id)} no leader at term ${term}; dropping leader transfer msg`],
  };
  return [texts[event.reason]];
}

export const electionLines: Lines = {
  "become-follower": became("follower"),
  "become-pre-candidate": became("pre-candidate"),
  "become-candidate": became("candidate"),
  "become-leader": became("leader"),
  campaign: (_, { id, term }) => [
    ["INFO", `${hex(id)} is starting a new election at term ${term}`],
  ],
  "campaign-refused": campaignRefused,
  // Not etcd's: a transcript of this project's own.
  "campaign-left-to-others": ({ left }, { id, term }) => [
    ["INFO", `${hex(id)} leaves an election at term ${term} to others, ${left} more to leave`],
  ],
  "vote-requested": ({ to, preVote, last }, { id, term }) => {
    const type = typeName(preVote ? "pre-vote" : "vote");
    const text = `${positionText(id, last)}] sent ${type} request to ${hex(to)} at term ${term}`;
    return [["INFO", text]];
  },
  "vote-decided": voteDecided,
  "vote-counted": ({ from, preVote, granted }, { id, term }) => {
    const answer = `${responseName(preVote)}${granted ? "" : " rejection"}`;
    return [["INFO", `${hex(id)} received ${answer} from ${hex(from)} at term ${term}`]];
  },
  "votes-tallied": ({ preVote, granted, rejected }, { id }) => {
    const votes = `${granted} ${responseName(preVote)} votes`;
    return [["INFO", `${hex(id)} has received ${votes} and ${rejected} vote rejections`]];
  },
  "quorum-lost": (_, { id }) => [
    ["WARN", `${hex(id)} stepped down to follower since quorum is not active`],
  ],
  "leader-forgotten": ({ leader }, { id, term }) => [
    ["INFO", `${hex(id)} forgetting leader ${hex(leader)} at term ${term}`],
  ],
  "leader-kept": () => [["ERROR", "ignoring MsgForgetLeader due to ReadOnlyLeaseBased"]],
  "higher-term": ({ message }, { id, term }) => {
    const from = `${hex(sender(message))} [term: ${message.term}]`;
    const type = typeName(message.kind);
    const text = `${hex(id)} [term: ${term}] received a ${type} message with higher term from ${from}`;
    return [["INFO", text]];
  },
  "lower-term-ignored": ({ message }, { id, term }) => {
    const from = `${hex(sender(message))} [term: ${message.term}]`;
    const type = typeName(message.kind);
    const text = `${hex(id)} [term: ${term}] ignored a ${type} message with lower term from ${from}`;
    return [["INFO", text]];
  },
  "transfer-started": ({ to }, { id, term }) => [
    ["INFO", `${hex(id)} [term ${term}] starts to transfer leadership to ${hex(to)}`],
  ],
  "transfer-aborted": ({ to, reason }, { id, term }) => {
    // Only this reason is worth a line.
    if (reason !== "replaced") return [];
    const text = `abort previous transferring leadership to ${hex(to)}`;
    return [["INFO", `${hex(id)} [term ${term}] ${text}`]];
  },
  "transfer-ignored": transferIgnored,
  "timeout-now-sent": ({ to, atOnce }, { id }) => {
    const target = hex(to);
    const text = atOnce
      ? `${hex(id)} sends MsgTimeoutNow to ${target} immediately as ${target} already has up-to-date log`
      : `${hex(id)} sent MsgTimeoutNow to ${target} after received MsgAppResp`;
    return [["INFO", text]];
  },
  "timeout-now-received": ({ from }, { id, term }) => {
    const text = `received MsgTimeoutNow from ${hex(from)} and starts an election to get leadership.`;
    return [["INFO", `${hex(id)} [term ${term}] ${text}`]];
  },
  "timeout-now-ignored": ({ from }, { id, term, role }) => {
    const state = `[term ${term} state ${roleNames[role]}]`;
    return [["DEBUG", `${hex(id)} ${state} ignored MsgTimeoutNow from ${hex(from)}`]];
  },
};
