// One core alone, spoken to by the test: what the other servers would send is made by the functions below, and
// everything that leaves is given back.
import { expect } from "vitest";
import {
  type Index,
  index,
  noIndex,
  noTerm,
  type PeerId,
  peerId,
  term,
} from "../../../src/base/numbers.ts";
import { utf8Encode } from "../../../src/base/utf8.ts";
import type { RaftConfig } from "../../../src/raft/config.ts";
import type { RaftStatus } from "../../../src/raft/status.ts";
import type {
  AppendRequest,
  AppendResponse,
  Entry,
  HeartbeatRequest,
  HeartbeatResponse,
  Message,
  SnapshotMeta,
  SnapshotRequest,
  VoteRequest,
  VoteResponse,
} from "../../../src/raft/types.ts";
import { Network, type Server } from "./network.ts";

/** Index and term of the entry before the first one of every log here. */
const origin: Position = [10, 1];

export type Position = readonly [index: number, term: number];

const self: PeerId = peerId(1);

export interface SoloOptions {
  /** With 1, the server under test; default 1, 2, 3. */
  readonly voters?: readonly number[];
  readonly learners?: readonly number[];
  /** Terms of the durable entries from index 11 on. */
  readonly log?: readonly number[];
  /** Durable term; default the last entry's. */
  readonly term?: number;
  readonly vote?: number;
  readonly commit?: number;
  readonly seed?: number;
  readonly config?: Partial<RaftConfig>;
}

export function entryAt([at, inTerm]: Position, text = ""): Entry {
  return { index: index(at), term: term(inTerm), type: "normal", data: utf8Encode(text) };
}

/** Entries of `terms` after `at`, each with a text of its own. */
export function entriesAfter(at: number, terms: readonly number[]): Entry[] {
  return terms.map((inTerm, i) => entryAt([at + 1 + i, inTerm], `${inTerm}/${at + 1 + i}`));
}

/** Makes `log` the durable log of `server` after the origin, with its hard state, and restarts it. */
export function giveLog(server: Server, options: Omit<SoloOptions, "voters" | "learners">): void {
  const { log = [], vote = 0, commit = origin[0] } = options;
  server.log.append(entriesAfter(origin[0], log), {
    term: term(options.term ?? log.at(-1) ?? 1),
    vote: peerId(vote),
    commit: index(commit),
  });
  server.restart();
}

export class Solo {
  readonly network: Network;
  readonly server: Server;

  constructor(options: SoloOptions = {}) {
    const { voters = [1, 2, 3], learners = [], seed = 1, config = {} } = options;
    this.network = new Network({ voters, learners, seed, config });
    this.server = this.network.server(self);
    giveLog(this.server, options);
  }

  get status(): RaftStatus {
    return this.server.core.status();
  }

  get terms(): number[] {
    return this.server.entries().map((entry) => entry.term);
  }

  /** What leaves without any write being finished. */
  sent(): Message[] {
    return this.server.pump();
  }

  /** Finishes all writes, applies all that is committed, and gives what leaves meanwhile. */
  work(): Message[] {
    const messages = this.server.pump();
    while (this.server.persist() || this.server.apply()) messages.push(...this.server.pump());
    return messages;
  }

  /** Takes the messages one after the other and works each off. */
  step(...messages: readonly Message[]): Message[] {
    return messages.flatMap((message) => {
      this.server.core.step(message);
      return this.work();
    });
  }

  tick(count = 1): Message[] {
    const messages: Message[] = [];
    for (let i = 0; i < count; i += 1) {
      this.server.core.tick();
      messages.push(...this.work());
    }
    return messages;
  }

  propose(...texts: readonly string[]): Message[] {
    this.server.core.propose(texts.map((text) => utf8Encode(text)));
    return this.work();
  }

  /** Campaigns; every voter of `granting` (default: all) says yes to whatever is asked. */
  campaign(granting?: readonly number[]): Message[] {
    this.server.core.campaign();
    let messages = this.work();
    for (;;) {
      const asked = messages.filter(isVoteRequest);
      const granted = asked.filter(({ to }) => granting?.includes(to) ?? true).map(grantOf);
      if (granted.length === 0) return messages;
      messages = this.step(...granted);
    }
  }
}

function isVoteRequest(message: Message): message is VoteRequest {
  return message.kind === "vote" || message.kind === "pre-vote";
}

function grantOf(request: VoteRequest): VoteResponse {
  const { to: from, from: to, term: asked, kind } = request;
  return { kind: `${kind}-response`, from, to, term: asked, reject: false };
}

interface AppendParts {
  readonly after?: Position;
  readonly entries?: readonly Entry[];
  readonly commit?: number;
}

export function append(from: number, inTerm: number, parts: AppendParts = {}): AppendRequest {
  const { after = origin, entries = [], commit = 0 } = parts;
  return {
    kind: "append",
    from: peerId(from),
    to: self,
    term: term(inTerm),
    prevIndex: index(after[0]),
    prevTerm: term(after[1]),
    entries,
    commit: index(commit),
    progressId: 1,
  };
}

export function heartbeat(from: number, inTerm: number, commit = 0): HeartbeatRequest {
  const parts = { from: peerId(from), to: self, term: term(inTerm), readRound: 0 };
  return { kind: "heartbeat", ...parts, commit: index(commit) };
}

/** A request for this server's vote by a candidate whose log ends at `last`. */
export function voteRequest(from: number, inTerm: number, last: Position = origin): VoteRequest {
  const [lastIndex, lastTerm] = [index(last[0]), term(last[1])];
  const parts = { from: peerId(from), to: self, term: term(inTerm), lastIndex, lastTerm };
  return { kind: "vote", ...parts, transfer: false };
}

export function preVoteRequest(from: number, inTerm: number, last?: Position): VoteRequest {
  return { ...voteRequest(from, inTerm, last), kind: "pre-vote" };
}

export function voteAnswer(from: number, inTerm: number, reject = false): VoteResponse {
  return { kind: "vote-response", from: peerId(from), to: self, term: term(inTerm), reject };
}

export function preVoteAnswer(from: number, inTerm: number, reject = false): VoteResponse {
  return { ...voteAnswer(from, inTerm, reject), kind: "pre-vote-response" };
}

export function snapshotFrom(
  from: number,
  inTerm: number,
  snapshot: SnapshotMeta,
): SnapshotRequest {
  const parts = { from: peerId(from), to: self, term: term(inTerm) };
  return { kind: "snapshot", ...parts, snapshot, progressId: 1 };
}

/** The answer of a peer that took all of `request`. */
export function accepted(request: AppendRequest): AppendResponse {
  const last = request.prevIndex + request.entries.length;
  return answerTo(request, { index: index(last), reject: false });
}

/** The answer of a peer whose log does not have the entry before `request`; `hint` is where it might match. */
export function refused(request: AppendRequest, hint: Position = [0, 0]): AppendResponse {
  const [rejectHint, rejectHintTerm] = [index(hint[0]), term(hint[1])];
  const { prevIndex } = request;
  return { ...answerTo(request, { index: prevIndex, reject: true }), rejectHint, rejectHintTerm };
}

function answerTo(
  request: AppendRequest,
  parts: { readonly index: Index; readonly reject: boolean },
): AppendResponse {
  const { to: from, from: to, term: inTerm, progressId } = request;
  const hints = { rejectHint: noIndex, rejectHintTerm: noTerm };
  return { kind: "append-response", from, to, term: inTerm, ...parts, ...hints, progressId };
}

export function heartbeatAnswer(request: HeartbeatRequest): HeartbeatResponse {
  const { to: from, from: to, term: inTerm, readRound } = request;
  return { kind: "heartbeat-response", from, to, term: inTerm, readRound, loyalMs: 10 };
}

/** Stands for any error of this code, for `toThrow`. */
export function coded(name: string): Error {
  return expect.objectContaining({ code: `QUORATE_RAFT_${name}` }) as Error;
}
