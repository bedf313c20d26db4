// Changes of membership against a model that is as plain as the rules: who is to vote, who is to learn, and who
// voted before. The four lists of a configuration follow from these three sets.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PeerId, peerId } from "../../../src/base/numbers.ts";
import { changeConfiguration } from "../../../src/raft/membership/changer.ts";
import { allPeers, type Configuration } from "../../../src/raft/membership/configuration.ts";
import type { MembershipChange, MembershipStep } from "../../../src/raft/types.ts";

interface Model {
  readonly voters: ReadonlySet<PeerId>;
  readonly learners: ReadonlySet<PeerId>;
  readonly before: ReadonlySet<PeerId>;
  readonly autoLeave: boolean;
}

interface Outcome {
  readonly model: Model;
  /** Members whose stay ended, even if they are back. */
  readonly ended: ReadonlySet<PeerId>;
}

const nobody: ReadonlySet<PeerId> = new Set();

const members = ({ voters, learners, before }: Model): Set<PeerId> =>
  new Set([...voters, ...learners, ...before]);

/** Undefined = refused. */
function modelChange(model: Model, { transition, steps }: MembershipChange): Outcome | undefined {
  const joint = model.before.size > 0;
  if (transition === "auto" && steps.length === 0) {
    return joint ? left(model, { ...model, before: nobody, autoLeave: false }) : undefined;
  }
  if (joint) return undefined;
  const twoPhases = transition !== "auto" || steps.length > 1;
  const autoLeave = twoPhases && transition !== "joint-explicit";
  let at: Model = { ...model, before: twoPhases ? model.voters : nobody, autoLeave };
  const ended = new Set<PeerId>();
  for (const step of steps) {
    const next = modelStep(at, step);
    for (const peer of left(at, next).ended) ended.add(peer);
    at = next;
  }
  if (at.voters.size === 0) return undefined;
  const moved = [...members(at), ...members(model)].filter(
    (peer) => at.voters.has(peer) !== model.voters.has(peer),
  );
  if (!twoPhases && new Set(moved).size > 1) return undefined;
  return { model: at, ended };
}

function modelStep(model: Model, { kind, peer }: MembershipStep): Model {
  const voters = new Set(model.voters);
  const learners = new Set(model.learners);
  voters.delete(peer);
  learners.delete(peer);
  if (kind === "add-voter") voters.add(peer);
  if (kind === "add-learner") learners.add(peer);
  return { ...model, voters, learners };
}

function left(from: Model, to: Model): Outcome {
  const stay = members(to);
  return { model: to, ended: new Set([...members(from)].filter((peer) => !stay.has(peer))) };
}

function configurationOf({ voters, learners, before, autoLeave }: Model): Configuration {
  const sorted = (peers: Iterable<PeerId>): PeerId[] => [...peers].sort((a, b) => a - b);
  return {
    voters: sorted(voters),
    learners: sorted([...learners].filter((peer) => !before.has(peer))),
    votersOutgoing: sorted(before),
    learnersNext: sorted([...learners].filter((peer) => before.has(peer))),
    autoLeave,
  };
}

/** By definition: more than half of each half that is there. */
function isQuorum(configuration: Configuration, set: ReadonlySet<PeerId>): boolean {
  return [configuration.voters, configuration.votersOutgoing].every(
    (half) => half.length === 0 || 2 * half.filter((peer) => set.has(peer)).length > half.length,
  );
}

/** Every quorum of the one shares a server with every quorum of the other. */
function quorumsOverlap(a: Configuration, b: Configuration): boolean {
  const everybody = [...new Set([...allPeers(a), ...allPeers(b)])];
  for (let bits = 0; bits < 1 << everybody.length; bits += 1) {
    const inside = new Set(everybody.filter((_, i) => (bits & (1 << i)) !== 0));
    const outside = new Set(everybody.filter((peer) => !inside.has(peer)));
    if (isQuorum(a, inside) && isQuorum(b, outside)) return false;
  }
  return true;
}

const peer = fc.integer({ min: 1, max: 6 }).map((id) => peerId(id));
const step: fc.Arbitrary<MembershipStep> = fc.record({
  kind: fc.constantFrom("add-voter" as const, "add-learner" as const, "remove" as const),
  peer,
});
const change: fc.Arbitrary<MembershipChange> = fc.record({
  transition: fc.constantFrom("auto", "auto", "joint-implicit", "joint-explicit"),
  steps: fc.oneof(fc.constant([]), fc.array(step, { minLength: 1, maxLength: 4 })),
  context: fc.constant(new Uint8Array(0)),
});
const start: fc.Arbitrary<Model> = fc
  .uniqueArray(peer, { minLength: 1, maxLength: 5 })
  .map((voters) => ({
    voters: new Set(voters),
    learners: nobody,
    before: nobody,
    autoLeave: false,
  }));

/** Too rare to be left to chance: a stay ends and the next begins in one change. */
const removedAndAddedAgain: [Model, MembershipChange[]] = [
  {
    voters: new Set([peerId(1), peerId(2), peerId(3)]),
    learners: nobody,
    before: nobody,
    autoLeave: false,
  },
  [
    {
      transition: "auto",
      steps: [{ kind: "add-learner", peer: peerId(4) }],
      context: new Uint8Array(0),
    },
    {
      transition: "joint-explicit",
      steps: [
        { kind: "remove", peer: peerId(4) },
        { kind: "add-learner", peer: peerId(4) },
      ],
      context: new Uint8Array(0),
    },
  ],
];

describe("membership changes", () => {
  test("any sequence gives what the model gives, refuses what it refuses, and quorums overlap at each step", () => {
    let changed = 0;
    let refused = 0;
    let returned = 0;
    fc.assert(
      fc.property(start, fc.array(change, { maxLength: 15 }), (first, changes) => {
        let model = first;
        for (const each of changes) {
          const now = configurationOf(model);
          const outcome = modelChange(model, each);
          if (outcome === undefined) {
            refused += 1;
            expect(() => changeConfiguration(now, each)).toThrow(
              expect.objectContaining({ code: "QUORATE_RAFT_MEMBERSHIP_INVALID" }),
            );
            continue;
          }
          const result = changeConfiguration(now, each);
          expect(result.configuration).toEqual(configurationOf(outcome.model));
          const had = allPeers(now);
          const ended = had.filter((id) => result.ended.has(id));
          expect(ended).toEqual(had.filter((id) => outcome.ended.has(id)));
          returned += ended.filter((id) => members(outcome.model).has(id)).length;
          expect(quorumsOverlap(now, result.configuration)).toBe(true);
          changed += 1;
          model = outcome.model;
        }
      }),
      { numRuns: 600, examples: [removedAndAddedAgain] },
    );
    // The run is worth something only if all of it happens.
    for (const count of [changed, refused]) expect(count).toBeGreaterThan(300);
    expect(returned).toBeGreaterThan(0);
  });

  test("the check for overlapping quorums can fail", () => {
    const of = (...voters: readonly number[]): Configuration =>
      configurationOf({
        voters: new Set(voters.map((id) => peerId(id))),
        learners: nobody,
        before: nobody,
        autoLeave: false,
      });
    expect(quorumsOverlap(of(1, 2, 3), of(1, 2, 3, 4))).toBe(true);
    expect(quorumsOverlap(of(1, 2, 3), of(1, 2, 3, 4, 5))).toBe(false);
    expect(quorumsOverlap(of(1, 2), of(3))).toBe(false);
  });
});
