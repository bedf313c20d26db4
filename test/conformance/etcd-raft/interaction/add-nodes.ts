import { index, noTerm, type PeerId, peerId, term } from "../../../../src/base/numbers.ts";
import { electionPriorityMax } from "../../../../src/raft/config.ts";
import { emptyConfiguration } from "../../../../src/raft/membership/configuration.ts";
import { firstNumber, keyedValues, toBoolean, toNumber } from "../datadriven/arguments.ts";
import type { Directive } from "../datadriven/parse.ts";
import { quoted } from "../wording/go-format.ts";
import type { Environment } from "./environment.ts";
import { extensionFlags, inflightDefault, type ServerOptions, unlimited } from "./options.ts";

const firstTerm = 1;

interface Draft {
  readonly voters: PeerId[];
  readonly learners: PeerId[];
  index: number;
  hasContent: boolean;
  inflightMax: number;
  applyBatchBytesMax: number;
  electionPriority: number;
  readonly flags: Set<string>;
}

const flagNames: readonly string[] = [
  ...Object.keys(extensionFlags),
  "async-storage-writes",
  "prevote",
  "checkquorum",
  "disable-conf-change-validation",
  "step-down-on-removal",
];

/** Servers that begin with the given snapshot, or with nothing. */
export function addNodes(environment: Environment, directive: Directive): string | undefined {
  const count = firstNumber(directive);
  const draft: Draft = {
    voters: [],
    learners: [],
    index: 0,
    hasContent: false,
    inflightMax: inflightDefault,
    applyBatchBytesMax: unlimited,
    electionPriority: electionPriorityMax,
    flags: new Set(),
  };
  for (const { key, value } of keyedValues(directive)) {
    const complaint = readOption(draft, directive, { key, value });
    if (complaint !== undefined) return complaint;
  }
  const { voters, learners, hasContent } = draft;
  const bootstraps = draft.index > 0 || voters.length + learners.length > 0 || hasContent;
  if (count > 0 && bootstraps && draft.index <= 1) {
    return "index must be specified as > 1 due to bootstrap";
  }
  const options = optionsOf(draft, bootstraps);
  for (let i = 0; i < count; i += 1) environment.addServer(options);
  return undefined;
}

function readOption(
  draft: Draft,
  directive: Directive,
  { key, value }: { key: string; value: string },
): string | undefined {
  if (flagNames.includes(key)) {
    if (toBoolean(directive, value)) draft.flags.add(key);
    else draft.flags.delete(key);
  } else if (key === "voters") draft.voters.push(peerId(toNumber(directive, value)));
  else if (key === "learners") draft.learners.push(peerId(toNumber(directive, value)));
  else if (key === "index") draft.index = toNumber(directive, value);
  else if (key === "x-election-priority") draft.electionPriority = toNumber(directive, value);
  else if (key === "content") draft.hasContent = value !== "";
  else if (key === "inflight") draft.inflightMax = toNumber(directive, value);
  else if (key === "max-committed-size-per-ready") {
    draft.applyBatchBytesMax = toNumber(directive, value) || unlimited;
  } else if (key === "read-only") {
    if (value !== "safe" && value !== "lease-based") {
      return `invalid read-only option ${quoted(new TextEncoder().encode(value))}`;
    }
    if (value === "lease-based") draft.flags.add("lease-based");
    else draft.flags.delete("lease-based");
  }
  // Like the original, other keys are passed over.
  return undefined;
}

function optionsOf(draft: Draft, bootstraps: boolean): ServerOptions {
  const { voters, learners, flags } = draft;
  return {
    first: {
      index: index(draft.index),
      term: bootstraps ? term(firstTerm) : noTerm,
      membership: { ...emptyConfiguration, voters, learners },
    },
    asynchronous: flags.has("async-storage-writes"),
    inflightMax: draft.inflightMax,
    applyBatchBytesMax: draft.applyBatchBytesMax,
    electionPriority: draft.electionPriority,
    preVote: flags.has("prevote"),
    checkQuorum: flags.has("checkquorum"),
    leaseReads: flags.has("lease-based"),
    stepDownOnRemoval: flags.has("step-down-on-removal"),
    validateMembership: !flags.has("disable-conf-change-validation"),
    extensions: Object.fromEntries(
      Object.entries(extensionFlags).map(([flag, setting]) => [setting, flags.has(flag)]),
    ),
  };
}
