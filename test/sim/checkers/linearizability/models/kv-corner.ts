// One key of our own key-value corner as its clients see it: put, get, delete, each write with a condition, and
// the revisions and the version that the answers carry. Revisions of a key only grow, by unknown amounts: they
// are indices of a log that other keys share. The state is therefore what can be known of the row (Lowe 2017 has
// no such thing; it keeps the model free of guesses about the revision of a write whose answer was lost).
import { unreachable } from "../../../../../src/base/assert.ts";
import type { Model, Traces } from "../model.ts";
import { unseenValue } from "../traces.ts";
import {
  above,
  atMost,
  describeSpan,
  exactly,
  type RevisionSpan,
  resolve,
  without,
} from "./revision-span.ts";

export type KvCondition =
  | { readonly kind: "none" }
  | { readonly kind: "absent" }
  | { readonly kind: "revision"; readonly revision: number }
  | { readonly kind: "value"; readonly value: string };

/** Values are compared as texts: a client of bytes encodes them first. */
export type KvInput =
  | { readonly kind: "get" }
  | { readonly kind: "put"; readonly value: string; readonly condition: KvCondition }
  | { readonly kind: "delete"; readonly condition: KvCondition };

export type KvOutput =
  | {
      readonly kind: "row";
      readonly value: string;
      readonly createdRevision: number;
      readonly modifiedRevision: number;
      readonly version: number;
    }
  /** Of a get: there is no such key. */
  | { readonly kind: "absent" }
  | { readonly kind: "put"; readonly revision: number; readonly version: number }
  | { readonly kind: "deleted"; readonly revision: number; readonly existed: boolean }
  /** The condition did not hold; the row's revision if the error told it, 0 = no row. */
  | { readonly kind: "refused"; readonly revision?: number };

interface KnownRow {
  readonly value: string;
  readonly version: number;
  readonly created: RevisionSpan;
}

export interface KvState {
  readonly row: KnownRow | undefined;
  /** Of the last write of the key, deletes included: the row's `modifiedRevision` while there is a row. */
  readonly last: RevisionSpan;
}

type Next = KvState | undefined;
type Row = Extract<KvOutput, { kind: "row" }>;
type Write = Exclude<KvInput, { kind: "get" }>;

/** With more known about the last revision, and so about the creation, which came `version` - 1 writes before. */
function withLast(state: KvState, last: RevisionSpan | undefined): Next {
  if (last === undefined) return undefined;
  const { row } = state;
  if (row === undefined) return { row, last };
  const created = row.version === 1 ? last : atMost(row.created, last.most - (row.version - 1));
  return created && { row: { ...row, created }, last };
}

function withCreated(state: Next, revision: number): Next {
  if (state?.row === undefined) return undefined;
  const created = resolve(state.row.created, revision);
  return created && { ...state, row: { ...state.row, created } };
}

function observed(state: KvState, seen: Row): Next {
  const { row, last } = state;
  if (row?.value !== seen.value || row.version !== seen.version) return undefined;
  const known = withLast(state, resolve(last, seen.modifiedRevision));
  return withCreated(known, seen.createdRevision);
}

/** What is known once the condition held. */
function met(state: KvState, condition: KvCondition): Next {
  switch (condition.kind) {
    case "none":
      return state;
    case "absent":
      return state.row === undefined ? state : undefined;
    case "revision":
      return state.row && withLast(state, resolve(state.last, condition.revision));
    case "value":
      return state.row?.value === condition.value ? state : undefined;
    default:
      return unreachable(condition);
  }
}

/** What is known once the condition did not hold. */
function unmet(state: KvState, condition: KvCondition): Next {
  switch (condition.kind) {
    case "none":
      return undefined;
    case "absent":
      return state.row === undefined ? undefined : state;
    case "revision":
      if (state.row === undefined) return state;
      return withLast(state, without(state.last, condition.revision));
    case "value":
      return state.row?.value === condition.value ? undefined : state;
    default:
      return unreachable(condition);
  }
}

function refused(state: KvState, { condition }: Write, revision: number | undefined): Next {
  const known = unmet(state, condition);
  if (known === undefined || revision === undefined) return known;
  if (revision === 0) return known.row === undefined ? known : undefined;
  return known.row && withLast(known, resolve(known.last, revision));
}

/** The revision of the next write; undefined if `revision` cannot be it. */
function nextRevision({ last }: KvState, revision: number | undefined): RevisionSpan | undefined {
  if (revision === undefined) return above(last.least);
  return revision > last.least ? exactly(revision) : undefined;
}

function put(
  state: KvState,
  value: string,
  answer: { revision: number; version: number } | undefined,
): Next {
  const last = nextRevision(state, answer?.revision);
  const version = (state.row?.version ?? 0) + 1;
  if (last === undefined || (answer !== undefined && answer.version !== version)) return undefined;
  if (state.row === undefined) return { row: { value, version, created: last }, last };
  return withLast({ row: { ...state.row, value, version }, last }, last);
}

function remove(state: KvState, answer: { revision: number; existed: boolean } | undefined): Next {
  const existed = state.row !== undefined;
  if (answer === undefined && !existed) return state;
  const last = nextRevision(state, answer?.revision);
  if (last === undefined || (answer !== undefined && answer.existed !== existed)) return undefined;
  return { row: undefined, last };
}

function write(state: KvState, input: Write, output: KvOutput | undefined): Next {
  if (output?.kind === "refused") return refused(state, input, output.revision);
  const known = met(state, input.condition);
  if (known === undefined) return undefined;
  if (input.kind === "put") {
    return output === undefined || output.kind === "put"
      ? put(known, input.value, output)
      : undefined;
  }
  return output === undefined || output.kind === "deleted" ? remove(known, output) : undefined;
}

function read(state: KvState, output: KvOutput | undefined): Next {
  if (output === undefined) return state;
  if (output.kind === "absent") return state.row === undefined ? state : undefined;
  return output.kind === "row" ? observed(state, output) : undefined;
}

const trace = (value: string): string => JSON.stringify(value);

const traces: Traces<KvInput, KvOutput> = {
  written: (input, output) =>
    input.kind === "put" && output?.kind !== "refused" ? trace(input.value) : undefined,
  mentioned: (input, output) => {
    if (output?.kind === "row") return [trace(output.value)];
    if (input.kind === "get" || input.condition.kind !== "value") return [];
    return [trace(input.condition.value)];
  },
  seen: (_, output) => {
    if (output?.kind !== "row") return undefined;
    const { value, modifiedRevision: revision, version } = output;
    return { value: trace(value), answer: { kind: "put", revision, version } };
  },
  withUnseen: (input) => (input.kind === "put" ? { ...input, value: unseenValue } : input),
};

function identity({ row, last }: KvState): string {
  if (row === undefined) return `absent, last revision ${describeSpan(last)}`;
  const { value, version, created } = row;
  const revisions = `created ${describeSpan(created)}, modified ${describeSpan(last)}`;
  return `${JSON.stringify(value)}, version ${version}, ${revisions}`;
}

function describeCondition(condition: KvCondition): string {
  switch (condition.kind) {
    case "none":
      return "";
    case "absent":
      return " if absent";
    case "revision":
      return ` if revision ${condition.revision}`;
    case "value":
      return ` if ${JSON.stringify(condition.value)}`;
    default:
      return unreachable(condition);
  }
}

function describe(input: KvInput, output: KvOutput | undefined): string {
  const what =
    input.kind === "get"
      ? "get"
      : `${input.kind}${input.kind === "put" ? ` ${JSON.stringify(input.value)}` : ""}${describeCondition(input.condition)}`;
  if (output === undefined) return `${what} -> ?`;
  const { kind, ...details } = output;
  const fields = Object.entries(details).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${what} -> ${[kind, ...fields].join(" ")}`;
}

export const kvCornerModel: Model<KvInput, KvOutput, KvState> = {
  initial: { row: undefined, last: exactly(0) },
  step: (state, input, output) =>
    input.kind === "get" ? read(state, output) : write(state, input, output),
  identity,
  traces,
  observes: (input, output) => input.kind === "get" || output?.kind === "refused",
  describe,
};
