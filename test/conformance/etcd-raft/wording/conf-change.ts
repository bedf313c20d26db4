// etcd's configuration changes: their notation in the files ("v1 l2 r3 u4"), their two printed forms, and
// the membership change of this project that each stands for.
import { noPeer, peerId } from "../../../../src/base/numbers.ts";
import { membershipDecode } from "../../../../src/raft/membership/codec.ts";
import type {
  MembershipChange,
  MembershipStep,
  MembershipTransition,
} from "../../../../src/raft/types.ts";

type Letter = "v" | "l" | "r" | "u";

interface SingleChange {
  readonly letter: Letter;
  readonly id: number;
}

export interface ConfChange {
  /** The older form with exactly one change. */
  readonly v1: boolean;
  readonly transition: MembershipTransition;
  readonly changes: readonly SingleChange[];
}

const typeNames: Readonly<Record<Letter, string>> = {
  v: "ConfChangeAddNode",
  l: "ConfChangeAddLearnerNode",
  r: "ConfChangeRemoveNode",
  u: "ConfChangeUpdateNode",
};

const transitionNames: Readonly<Record<MembershipTransition, string>> = {
  auto: "ConfChangeTransitionAuto",
  "joint-implicit": "ConfChangeTransitionJointImplicit",
  "joint-explicit": "ConfChangeTransitionJointExplicit",
};

const stepKinds = { v: "add-voter", l: "add-learner", r: "remove" } as const;
const letters = { "add-voter": "v", "add-learner": "l", remove: "r" } as const;

function isLetter(text: string): text is Letter {
  return Object.hasOwn(typeNames, text);
}

/** Reads "v1 l2 r3 u4"; a string is the original's complaint. */
export function parseChanges(text: string): SingleChange[] | string {
  const changes: SingleChange[] = [];
  if (text.trim() === "") return changes;
  for (const token of text.trim().split(" ")) {
    if (token.length < 2) return `unknown token ${token}`;
    const letter = token.slice(0, 1);
    if (!isLetter(letter)) return `unknown input: ${token}`;
    const digits = token.slice(1);
    if (!/^\d+$/.test(digits)) return `strconv.ParseUint: parsing "${digits}": invalid syntax`;
    changes.push({ letter, id: Number(digits) });
  }
  return changes;
}

/** An update changes nothing; it counts all the same, as a step about nobody. */
export function toSteps(changes: readonly SingleChange[]): MembershipStep[] {
  return changes.map(({ letter, id }) =>
    letter === "u"
      ? { kind: "add-voter", peer: noPeer }
      : { kind: stepKinds[letter], peer: peerId(id) },
  );
}

export function toMembershipChange(change: ConfChange): MembershipChange {
  const { transition, changes } = change;
  return { transition, steps: toSteps(changes), context: new Uint8Array(0) };
}

// An entry of this project does not say in which form it was proposed, nor that it was an update.
const remembered = new WeakMap<Uint8Array, ConfChange>();

/** Notes what the entry data `data` was made from; it passes by reference from server to server. */
export function remember(data: Uint8Array, change: ConfChange): void {
  remembered.set(data, change);
}

/** The change that an entry carries. */
export function confChangeOf(data: Uint8Array): ConfChange {
  const known = remembered.get(data);
  if (known !== undefined) return known;
  const { transition, steps } = membershipDecode(data);
  const changes = steps.map(({ kind, peer }) => ({ letter: letters[kind], id: peer }));
  return { v1: false, transition, changes };
}

/** As entries print it: "v1 l2". */
export function changesText(change: ConfChange): string {
  return change.changes.map(({ letter, id }) => `${letter}${String(id)}`).join(" ");
}

/** As log lines print it. */
export function confChangeText(change: ConfChange): string {
  const changes = change.changes.map(
    ({ letter, id }) => ` changes:{type:${typeNames[letter]} node_id:${String(id)}}`,
  );
  return `transition:${transitionNames[change.transition]}${changes.join("")}`;
}
