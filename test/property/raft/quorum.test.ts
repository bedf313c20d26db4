import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PeerId, peerId } from "../../../src/base/numbers.ts";
import { changeConfiguration, checkConfiguration } from "../../../src/raft/membership/changer.ts";
import { membershipDecode, membershipEncode } from "../../../src/raft/membership/codec.ts";
import {
  allPeers,
  type Configuration,
  isJoint,
} from "../../../src/raft/membership/configuration.ts";
import { jointIndex, jointVote } from "../../../src/raft/quorum/joint.ts";
import { majorityIndex, unlimited } from "../../../src/raft/quorum/majority.ts";
import type { MembershipChange, MembershipStep } from "../../../src/raft/types.ts";

const peer = fc.integer({ min: 1, max: 9 }).map((id) => peerId(id));
const voters = fc.uniqueArray(peer, { maxLength: 7 });
const numbers = fc.dictionary(fc.integer({ min: 1, max: 9 }).map(String), fc.nat({ max: 5 }));

/** By definition: the largest number that more than half have reached. */
function bruteForce(among: readonly PeerId[], has: (id: PeerId) => number): number {
  if (among.length === 0) return unlimited;
  for (let n = 5; n > 0; n -= 1) {
    if (2 * among.filter((id) => has(id) >= n).length > among.length) return n;
  }
  return 0;
}

describe("quorum", () => {
  test("the committed index is what the definition says", () => {
    fc.assert(
      fc.property(voters, voters, numbers, (incoming, outgoing, acknowledged) => {
        const has = (id: PeerId): number => acknowledged[String(id)] ?? 0;
        const source = { acknowledged: has };
        expect(majorityIndex(incoming, source)).toBe(bruteForce(incoming, has));
        const expected = Math.min(bruteForce(incoming, has), bruteForce(outgoing, has));
        expect(jointIndex({ voters: incoming, votersOutgoing: outgoing }, source)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("a vote is decided exactly when no missing answer can change it", () => {
    const votes = fc.dictionary(fc.integer({ min: 1, max: 9 }).map(String), fc.boolean());
    fc.assert(
      fc.property(voters, voters, votes, (incoming, outgoing, cast) => {
        const halves = { voters: incoming, votersOutgoing: outgoing };
        const outcome = (rest: boolean | undefined): string =>
          jointVote(halves, { get: (id: PeerId) => cast[String(id)] ?? rest });
        const [no, yes, now] = [outcome(false), outcome(true), outcome(undefined)];
        if (now === "pending") expect([no, yes]).toEqual(["lost", "won"]);
        else expect([no, yes]).toEqual([now, now]);
      }),
      { numRuns: 500 },
    );
  });
});

const step: fc.Arbitrary<MembershipStep> = fc.record({
  kind: fc.constantFrom("add-voter" as const, "add-learner" as const, "remove" as const),
  peer,
});
const change: fc.Arbitrary<MembershipChange> = fc.record({
  transition: fc.constantFrom(
    "auto" as const,
    "joint-implicit" as const,
    "joint-explicit" as const,
  ),
  steps: fc.array(step, { maxLength: 5 }),
  context: fc.uint8Array({ maxLength: 40 }),
});

describe("membership", () => {
  test("a change survives the codec; damage never gives anything but a coded error", () => {
    fc.assert(
      fc.property(change, fc.nat(), fc.nat(), (original, at, value) => {
        const bytes = membershipEncode(original);
        expect(membershipDecode(bytes)).toEqual(original);
        if (bytes.length === 0) return;
        const damaged = Uint8Array.from(bytes);
        damaged[at % bytes.length] = value % 256;
        try {
          membershipDecode(damaged);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "QUORATE_RAFT_CORRUPT_MEMBERSHIP" });
        }
      }),
      { numRuns: 500 },
    );
  });

  test("any sequence of changes keeps the rules, and neighbouring quorums intersect", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        let now: Configuration = {
          voters: [peerId(1), peerId(2), peerId(3)],
          learners: [],
          votersOutgoing: [],
          learnersNext: [],
          autoLeave: false,
        };
        for (const each of changes) {
          let next: Configuration;
          try {
            next = changeConfiguration(now, each).configuration;
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: "QUORATE_RAFT_MEMBERSHIP_INVALID" });
            continue;
          }
          checkConfiguration(next);
          expect(next.voters.length).toBeGreaterThan(0);
          if (isJoint(next)) expect(next.votersOutgoing).toEqual(now.voters);
          expect(disjointQuorums(now, next)).toBe(false);
          now = next;
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Can one set of servers elect under `a` while the others elect under `b`? */
function disjointQuorums(a: Configuration, b: Configuration): boolean {
  const everybody = [...new Set([...allPeers(a), ...allPeers(b)])];
  for (let set = 0; set < 1 << everybody.length; set += 1) {
    const inside = { get: (id: PeerId) => (set & (1 << everybody.indexOf(id))) !== 0 };
    const outside = { get: (id: PeerId) => !inside.get(id) };
    if (jointVote(a, inside) === "won" && jointVote(b, outside) === "won") return true;
  }
  return false;
}
