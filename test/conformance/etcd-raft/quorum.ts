// The quorum suite: up to which index a configuration has committed, and how a vote in it stands. Every answer
// is computed in other ways too, which must come to the same; where they do not, the output says so.
import { type PeerId, peerId } from "../../../src/base/numbers.ts";
import { jointIndex, jointVote } from "../../../src/raft/quorum/joint.ts";
import {
  majorityIndex,
  majorityVote,
  unlimited,
  type VoteOutcome,
} from "../../../src/raft/quorum/majority.ts";
import { conformanceErrors } from "../errors.ts";
import { badArgument, keyedValues, toNumber } from "./datadriven/arguments.ts";
import type { Directive } from "./datadriven/parse.ts";
import { indexChartText, indexText } from "./wording/index-chart.ts";

interface Case {
  readonly voters: readonly PeerId[];
  /** The second half; undefined = not a joint configuration at all. */
  readonly outgoing: readonly PeerId[] | undefined;
  /** Index or vote (2 = yes, 1 = no) of each voter in order of mention; 0 = not known. */
  readonly values: readonly number[];
}

type Known = ReadonlyMap<PeerId, number>;

const votes: Readonly<Record<string, number>> = { y: 2, n: 1, _: 0 };
const voteNames: Readonly<Record<VoteOutcome, string>> = {
  won: "VoteWon",
  lost: "VoteLost",
  pending: "VotePending",
};

/** Answers the directives of one file, in order. */
export function quorumSuite(): (directive: Directive) => string {
  return (directive) => {
    const { command, line } = directive;
    if (command !== "committed" && command !== "vote") {
      throw conformanceErrors.UNKNOWN_DIRECTIVE(`line ${line}: ${command} is no command`);
    }
    const given = readCase(directive);
    const everybody = sorted([...given.voters, ...(given.outgoing ?? [])]);
    if (everybody.length !== given.values.length) {
      const map = everybody.map((voter) => `${voter}:{}`).join(" ");
      const values = given.values.map((value) => indexText(value)).join(" ");
      return `error: mismatched input (explicit or _) for voters map[${map}]: [${values}]`;
    }
    return command === "vote" ? voteText(given) : committedText(given);
  };
}

function sorted(voters: readonly PeerId[]): PeerId[] {
  return [...new Set(voters)].sort((a, b) => a - b);
}

function readCase(directive: Directive): Case {
  const voters: PeerId[] = [];
  let outgoing: PeerId[] | undefined;
  const indexes: number[] = [];
  const answers: number[] = [];
  for (const { key, value } of keyedValues(directive)) {
    if (key === "cfg") voters.push(peerId(toNumber(directive, value)));
    else if (key === "cfgj") {
      outgoing ??= [];
      if (value !== "zero") outgoing.push(peerId(toNumber(directive, value)));
    } else if (key === "idx") {
      const index = value === "_" ? 0 : toNumber(directive, value);
      if (value !== "_" && index === 0) throw badArgument(directive, "0 cannot be an index");
      indexes.push(index);
    } else if (key === "votes") {
      const vote = votes[value];
      if (vote === undefined) throw badArgument(directive, `unknown vote: ${value}`);
      answers.push(vote);
    } else throw badArgument(directive, `unknown argument ${key}`);
  }
  const values = directive.command === "vote" ? answers : indexes;
  return { voters: sorted(voters), outgoing: outgoing && sorted(outgoing), values };
}

/** The values belong to the voters in the order of both lists, each once. */
function knownOf({ voters, outgoing = [], values }: Case): Known {
  const known = new Map<PeerId, number>();
  const inOrder = [...new Set([...voters, ...outgoing])];
  for (const [at, voter] of inOrder.entries()) {
    const value = values[at] ?? 0;
    if (value > 0) known.set(voter, value);
  }
  return known;
}

function source(known: Known): { acknowledged: (voter: PeerId) => number } {
  return { acknowledged: (voter) => known.get(voter) ?? 0 };
}

function committedText(given: Case): string {
  const { voters, outgoing } = given;
  const known = knownOf(given);
  const chart = indexChartText(sorted([...voters, ...(outgoing ?? [])]), known);
  if (outgoing === undefined) {
    const index = majorityIndex(voters, source(known));
    return `${chart}${doubts(voters, known, index)}${indexText(index)}\n`;
  }
  const index = jointIndex({ voters, votersOutgoing: outgoing }, source(known));
  const mirrored = jointIndex({ voters: outgoing, votersOutgoing: voters }, source(known));
  const doubt = mirrored === index ? "" : `${indexText(mirrored)} <-- via symmetry\n`;
  return `${chart}${doubt}${indexText(index)}\n`;
}

/** What other ways of computing the committed index come to, where that differs from `index`. */
function doubts(voters: readonly PeerId[], known: Known, index: number): string {
  let text = "";
  const compare = (other: number, way: string): void => {
    if (other !== index) text += `${indexText(other)} <-- ${way}`;
  };
  compare(countedIndex(voters, known), "via alternative computation\n");
  compare(jointIndex({ voters, votersOutgoing: [] }, source(known)), "via zero-joint quorum\n");
  compare(jointIndex({ voters, votersOutgoing: voters }, source(known)), "via self-joint quorum\n");
  for (const voter of voters) {
    const own = known.get(voter) ?? 0;
    if (own === 0 || own >= index) continue;
    // The commit index lies above what this voter has: less of it must change nothing.
    for (const [lower, shown] of [
      [own - 1, own],
      [0, 0],
    ] as const) {
      const lowered = source(new Map([...known, [voter, lower]]));
      compare(majorityIndex(voters, lowered), `overlaying ${voter}->${shown}`);
    }
  }
  return text;
}

/** The highest index that enough voters have reached, by counting them for every index there is. */
function countedIndex(voters: readonly PeerId[], known: Known): number {
  if (voters.length === 0) return unlimited;
  const needed = Math.floor(voters.length / 2) + 1;
  const reached = (index: number): boolean =>
    voters.filter((voter) => (known.get(voter) ?? 0) >= index).length >= needed;
  return [...known.values()].filter(reached).reduce((a, b) => Math.max(a, b), 0);
}

function voteText(given: Case): string {
  const { voters, outgoing } = given;
  const known = knownOf(given);
  const answers = new Map([...known].map(([voter, value]) => [voter, value !== 1]));
  if (outgoing === undefined) return `${voteNames[majorityVote(voters, answers)]}\n`;
  const outcome = jointVote({ voters, votersOutgoing: outgoing }, answers);
  const mirrored = jointVote({ voters: outgoing, votersOutgoing: voters }, answers);
  const doubt = mirrored === outcome ? "" : `${voteNames[mirrored]} <-- via symmetry\n`;
  return `${doubt}${voteNames[outcome]}\n`;
}
