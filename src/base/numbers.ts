// Terms, indices, epochs and the like are all plain JavaScript numbers, so nothing but their type
// keeps them apart. The brands cost nothing at run time; `checked` guards what enters the system.
import { assert } from "./assert.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Raft term; 0 = before the first election. */
export type Term = Branded<"Term">;
/** Position in the Raft log; 0 = none. Also the value of a revision. */
export type Index = Branded<"Index">;
/** Applied index used as a cursor by watchers and pollers; 0 = from the beginning. */
export type Revision = Index;
/** Identity of one server inside Raft, allotted to one (server id, incarnation), never reused; 0 = none. */
export type PeerId = Branded<"PeerId">;
/** Fencing token of one assignment; only grows; 0 = never assigned. */
export type Epoch = Branded<"Epoch">;
/** Identity of one life of a sentinel: the Raft index of its registration; 0 = none. */
export type SessionId = Branded<"SessionId">;

function checked(value: number, what: string): number {
  assert(
    Number.isSafeInteger(value) && value >= 0,
    `${what} must be a safe integer ≥ 0, got ${String(value)}`,
  );
  return value;
}

export const term = (value: number): Term => checked(value, "term") as Term;
export const index = (value: number): Index => checked(value, "index") as Index;
export const peerId = (value: number): PeerId => checked(value, "peer id") as PeerId;
export const epoch = (value: number): Epoch => checked(value, "epoch") as Epoch;
export const sessionId = (value: number): SessionId => checked(value, "session") as SessionId;

export const noTerm: Term = 0 as Term;
export const noIndex: Index = 0 as Index;
export const noPeer: PeerId = 0 as PeerId;
export const noEpoch: Epoch = 0 as Epoch;
export const noSession: SessionId = 0 as SessionId;

/** `value` + `by`, keeping the brand: `plus(index, 1)`. */
export function plus<T extends number>(value: T, by: number): T {
  return checked(value + by, "sum") as T;
}
