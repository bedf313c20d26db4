// Every message from another server comes through here: first the rule about terms (§5.1, with the
// exceptions that pre-vote and leader stickiness need), then the handler of its kind.
import { noPeer } from "../base/numbers.ts";
import { handleAppend, handleHeartbeat } from "./append.ts";
import type { Core } from "./core.ts";
import {
  answerOldLeader,
  handleTimeoutNow,
  handleVoteRequest,
  handleVoteResponse,
  leaseTicks,
  recordDecision,
  rejectOldPreVote,
} from "./election.ts";
import { handleSnapshot } from "./install-snapshot.ts";
import { handleReadIndex, handleReadIndexResponse } from "./read-index.ts";
import { handleAppendResponse, handleHeartbeatResponse } from "./replicate.ts";
import { becomeFollower } from "./roles.ts";
import { handleTransfer } from "./transfer.ts";
import type { Message, MessageKind, MessageOf } from "./types.ts";

type Handlers = { readonly [K in MessageKind]: (core: Core, message: MessageOf<K>) => void };

const handlers: Handlers = {
  append: handleAppend,
  "append-response": handleAppendResponse,
  heartbeat: handleHeartbeat,
  "heartbeat-response": handleHeartbeatResponse,
  vote: handleVoteRequest,
  "pre-vote": handleVoteRequest,
  "vote-response": handleVoteResponse,
  "pre-vote-response": handleVoteResponse,
  snapshot: handleSnapshot,
  transfer: handleTransfer,
  "timeout-now": handleTimeoutNow,
  "read-index": handleReadIndex,
  "read-index-response": handleReadIndexResponse,
};

/** Takes one message; messages of the own disk (from = to = this server) come the same way. */
export function step(core: Core, message: Message): void {
  if (core.trace !== undefined) core.record({ kind: "receive", message });
  if (message.term > core.term) {
    if (!meetHigherTerm(core, message)) return;
  } else if (message.term < core.term) {
    meetLowerTerm(core, message);
    return;
  }
  const handle = handlers[message.kind] as (core: Core, message: Message) => void;
  handle(core, message);
}

/** False when the message is to be ignored. */
function meetHigherTerm(core: Core, message: Message): boolean {
  const { kind } = message;
  if (kind === "vote" || kind === "pre-vote") {
    // §6: whoever hears its leader does not help to depose it, unless the leader itself asked for it.
    if (!message.transfer && leaseTicks(core) > 0) {
      recordDecision(core, message, "ignored-in-lease");
      return false;
    }
  }
  // A pre-vote asks about a term that nobody is in yet; a granted one echoes it.
  if (kind === "pre-vote" || (kind === "pre-vote-response" && !message.reject)) return true;
  core.record({ kind: "higher-term", message });
  const fromLeader = kind === "append" || kind === "heartbeat" || kind === "snapshot";
  becomeFollower(core, message.term, fromLeader ? message.from : noPeer);
  return true;
}

function meetLowerTerm(core: Core, message: Message): void {
  const { kind } = message;
  const { checkQuorum, preVote } = core.config;
  if ((checkQuorum || preVote) && (kind === "heartbeat" || kind === "append")) {
    answerOldLeader(core, message.from);
  } else if (kind === "pre-vote") {
    rejectOldPreVote(core, message);
  } else {
    core.record({ kind: "lower-term-ignored", message });
  }
}

const responses: ReadonlySet<MessageKind> = new Set<MessageKind>([
  "append-response",
  "heartbeat-response",
  "vote-response",
  "pre-vote-response",
]);

/**
 * Answers are only expected from peers of the membership; one from a server that was removed, perhaps with a
 * higher term, must not depose anybody. Requests are heard from strangers too: this server may not have heard
 * of them yet.
 */
export function isStranger(core: Core, message: Message): boolean {
  return responses.has(message.kind) && !core.tracker.has(message.from);
}
