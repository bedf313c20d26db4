// etcd's log lines, made from this project's trace events.
import type { PeerId } from "../../../../src/base/numbers.ts";
import { allVoters, emptyConfiguration } from "../../../../src/raft/membership/configuration.ts";
import type { TraceContext, TraceEvent, TraceSink } from "../../../../src/raft/trace.ts";
import type { MembershipState } from "../../../../src/raft/types.ts";
import type { Output } from "../interaction/output.ts";
import { electionLines } from "./election-lines.ts";
import { hex } from "./go-format.ts";
import type { EventOf, Line, Lines } from "./lines.ts";
import { replicationLines } from "./replication-lines.ts";
import { configText } from "./state.ts";

const membershipLines: Lines = {
  "apply-conf-change": ({ membership }, { id }) => [
    ["INFO", `${hex(id)} switched to configuration ${configText(membership)}`],
  ],
  "auto-leave": ({ membership }) => [
    [
      "INFO",
      `initiating automatic transition out of joint configuration ${configText(membership)}`,
    ],
  ],
  "auto-leave-refused": ({ membership, transferee }, { id, term }) => {
    const refused = `not initiating automatic transition out of joint configuration ${configText(membership)}`;
    const lines: Line[] = transferee === 0 ? [] : [transferringLine(id, term, transferee)];
    return [...lines, ["DEBUG", `${refused}: ${proposalDropped}`]];
  },
};

/** The original's error for a proposal that was not taken. */
export const proposalDropped = "raft proposal dropped";

export function transferringLine(id: PeerId, term: number, to: number): Line {
  return [
    "DEBUG",
    `${hex(id)} [term ${term}] transfer leadership to ${hex(to)} is in progress; dropping proposal`,
  ];
}

const table: Lines = { ...electionLines, ...replicationLines, ...membershipLines };

/** Writes the lines of one server. */
export class LogLines implements TraceSink {
  readonly #output: Output;
  #membership: MembershipState = emptyConfiguration;

  constructor(output: Output) {
    this.#output = output;
  }

  record(event: TraceEvent, context: TraceContext): void {
    if (event.kind === "apply-conf-change") this.#membership = event.membership;
    if (event.kind === "init-state") this.#started(event, context);
    const lines = table[event.kind] as
      | ((event: TraceEvent, context: TraceContext) => readonly Line[])
      | undefined;
    for (const [level, text] of lines?.(event, context) ?? []) this.#output.log(level, text);
  }

  #started(event: EventOf<"init-state">, { id, term }: TraceContext): void {
    const { commit, applied, last } = event;
    const peers = allVoters(this.#membership).map((peer) => hex(peer));
    const state = `term: ${term}, commit: ${commit}, applied: ${applied}`;
    const end = `lastindex: ${last.index}, lastterm: ${last.term}`;
    const text = `newRaft ${hex(id)} [peers: [${peers.join(",")}], ${state}, ${end}]`;
    this.#output.log("INFO", text);
  }
}
