// The promises of Figure 3 of the paper, checked over all servers at one moment. For tests and the simulator:
// it reads every log from end to end.
import { type Index, type PeerId, plus, type Term } from "../base/numbers.ts";
import type { Role } from "./types.ts";

/** One server as `checkInvariants` looks at it. */
export interface CoreView {
  readonly id: PeerId;
  readonly role: Role;
  readonly term: Term;
  readonly vote: PeerId;
  readonly commit: Index;
  readonly applied: Index;
  readonly firstIndex: Index;
  readonly lastIndex: Index;
  /** Undefined = compacted or not there. */
  readonly termAt: (index: Index) => Term | undefined;
}

export type InvariantName =
  | "election-safety"
  | "log-matching"
  | "leader-completeness"
  | "commit-ordering"
  | "state-machine-safety";

export interface Violation {
  readonly invariant: InvariantName;
  readonly detail: string;
}

/** All promises that are broken at this moment; empty = none. */
export function checkInvariants(views: readonly CoreView[]): readonly Violation[] {
  const found: Violation[] = [];
  for (const view of views) checkOrdering(view, found);
  for (const [i, a] of views.entries()) {
    for (const b of views.slice(i + 1)) {
      checkElection(a, b, found);
      checkLogs(a, b, found);
    }
  }
  checkCompleteness(views, found);
  return found;
}

/** At most one leader in a term. */
function checkElection(a: CoreView, b: CoreView, found: Violation[]): void {
  if (a.role !== "leader" || b.role !== "leader" || a.term !== b.term) return;
  const detail = `${name(a)} and ${name(b)} lead in term ${String(a.term)}`;
  found.push({ invariant: "election-safety", detail });
}

/**
 * Two logs that agree on index and term of an entry agree on everything before it; and what both have
 * committed is the same.
 */
function checkLogs(a: CoreView, b: CoreView, found: Violation[]): void {
  const from = Math.max(a.firstIndex, b.firstIndex);
  const to = Math.min(a.lastIndex, b.lastIndex);
  const committed = Math.min(a.commit, b.commit);
  let matched = false;
  for (let at = to as Index; at >= from; at = plus(at, -1)) {
    const same = a.termAt(at) === b.termAt(at);
    if (same) matched = true;
    if (same || (!matched && at > committed)) continue;
    const detail = `${name(a)} and ${name(b)} differ at index ${String(at)}`;
    if (matched) found.push({ invariant: "log-matching", detail });
    if (at <= committed) found.push({ invariant: "state-machine-safety", detail });
    return;
  }
}

/** The leader of the newest term has every entry that anybody knows to be committed. */
function checkCompleteness(views: readonly CoreView[], found: Violation[]): void {
  const newest = views.reduce((term, view) => Math.max(term, view.term), 0);
  for (const leader of views) {
    // An older leader may rightly lack what a newer one committed.
    if (leader.role !== "leader" || leader.term !== newest) continue;
    for (const view of views) {
      const at = firstMissing(leader, view);
      if (at === undefined) continue;
      const detail = `leader ${name(leader)} lacks index ${String(at)}, committed on ${name(view)}`;
      found.push({ invariant: "leader-completeness", detail });
    }
  }
}

function firstMissing(leader: CoreView, view: CoreView): Index | undefined {
  const from = Math.max(leader.firstIndex, view.firstIndex) as Index;
  for (let at = from; at <= view.commit; at = plus(at, 1)) {
    if (leader.termAt(at) !== view.termAt(at)) return at;
  }
  return undefined;
}

/** first - 1 ≤ applied ≤ commit ≤ last. */
function checkOrdering(view: CoreView, found: Violation[]): void {
  const { firstIndex, applied, commit, lastIndex } = view;
  if (firstIndex - 1 <= commit && applied <= commit && commit <= lastIndex) return;
  const order = `first ${String(firstIndex)}, applied ${String(applied)}, commit ${String(commit)}, last ${String(lastIndex)}`;
  found.push({ invariant: "commit-ordering", detail: `${name(view)}: ${order}` });
}

function name(view: CoreView): string {
  return String(view.id);
}
