import { describe, expect, test } from "vitest";
import { type PeerId, peerId } from "../../../../src/base/numbers.ts";
import {
  changeConfiguration,
  checkConfiguration,
  enterJoint,
  leaveJoint,
  simpleChange,
} from "../../../../src/raft/membership/changer.ts";
import { membershipDecode, membershipEncode } from "../../../../src/raft/membership/codec.ts";
import {
  allPeers,
  type Configuration,
  emptyConfiguration,
} from "../../../../src/raft/membership/configuration.ts";
import { change, membershipOf } from "../network.ts";

const peers = (...ids: number[]): PeerId[] => ids.map((id) => peerId(id));

function apply(from: Configuration, ...args: Parameters<typeof change>): Configuration {
  return changeConfiguration(from, change(...args)).configuration;
}

describe("simple changes", () => {
  test("begin with an empty configuration", () => {
    expect(apply(emptyConfiguration, [["add-voter", 1]]).voters).toEqual([1]);
  });

  test("are idempotent", () => {
    const three = membershipOf([1, 2, 3]);
    expect(apply(three, [["add-voter", 2]])).toEqual(three);
    expect(apply(three, [["remove", 9]])).toEqual(three);
  });

  test("never leave nobody to vote", () => {
    expect(() => apply(membershipOf([1]), [["remove", 1]])).toThrow("removed all voters");
    expect(() => apply(membershipOf([1]), [["add-learner", 1]])).toThrow("removed all voters");
  });

  test("keep what is known about a demoted voter, but not about one removed and added back", () => {
    const demoted = changeConfiguration(membershipOf([1, 2]), change([["add-learner", 2]]));
    expect(demoted.configuration).toMatchObject({ voters: [1], learners: [2] });
    expect([...demoted.ended]).toEqual([]);
    const steps = [
      ["remove", 3],
      ["add-learner", 3],
    ] as const;
    const again = changeConfiguration(membershipOf([1, 2], [3]), change(steps, "joint-implicit"));
    expect([...again.ended]).toEqual([3]);
  });
});

describe("joint changes", () => {
  const joint = apply(
    membershipOf([1, 2]),
    [
      ["remove", 1],
      ["add-voter", 3],
      ["add-learner", 2],
      ["add-learner", 4],
    ],
    "joint-explicit",
  );

  test("keep the old voters until they are left", () => {
    expect(joint).toEqual({
      voters: [3],
      votersOutgoing: [1, 2],
      learners: [4],
      learnersNext: [2],
      autoLeave: false,
    });
    expect(allPeers(joint)).toEqual([1, 2, 3, 4]);
    const left = changeConfiguration(joint, change([]));
    expect(left.configuration).toEqual(membershipOf([3], [2, 4]));
    expect([...left.ended]).toEqual([1]);
  });

  test("are used for several changes, or when asked for", () => {
    expect(apply(membershipOf([1]), [["add-voter", 2]])).toMatchObject({ votersOutgoing: [] });
    expect(apply(membershipOf([1]), [["add-voter", 2]], "joint-implicit")).toMatchObject({
      votersOutgoing: [1],
      autoLeave: true,
    });
    expect(
      apply(membershipOf([1]), [
        ["add-voter", 2],
        ["add-voter", 3],
      ]),
    ).toMatchObject({ voters: [1, 2, 3], votersOutgoing: [1], autoLeave: true });
  });

  test("cannot be nested, nor left twice", () => {
    expect(() => apply(joint, [["add-voter", 9]])).toThrow("joint config");
    expect(() => apply(joint, [["add-voter", 9]], "joint-explicit")).toThrow("already joint");
    expect(() => leaveJoint(membershipOf([1]))).toThrow("can't leave");
    expect(() => enterJoint(joint, { steps: [], autoLeave: true })).toThrow("already joint");
    expect(() => simpleChange(joint, [])).toThrow("simple config change in joint");
    expect(() => apply(emptyConfiguration, [["add-voter", 1]], "joint-implicit")).toThrow(
      "zero-voter",
    );
  });

  test("a configuration that breaks the rules is refused, wherever it came from", () => {
    const broken: Configuration[] = [
      { ...membershipOf([1, 2], [2]) },
      { ...membershipOf([1]), votersOutgoing: peers(1, 2), learners: peers(2) },
      { ...membershipOf([1]), learnersNext: peers(2) },
      { ...membershipOf([1, 2]), votersOutgoing: peers(1, 2), learnersNext: peers(2) },
      { ...membershipOf([1]), autoLeave: true },
      membershipOf([0, 1]),
    ];
    for (const configuration of broken) {
      expect(() => {
        checkConfiguration(configuration);
      }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_MEMBERSHIP_INVALID" }));
    }
  });
});

describe("codec", () => {
  test("leaving costs no bytes", () => {
    expect(membershipEncode(change([]))).toHaveLength(0);
    expect(membershipDecode(new Uint8Array(0))).toEqual(change([]));
  });

  test("a damaged change is refused with a code", () => {
    const bytes = membershipEncode(change([["add-voter", 300]], "joint-explicit"));
    expect(membershipDecode(bytes)).toEqual(change([["add-voter", 300]], "joint-explicit"));
    const damaged = [
      bytes.subarray(0, bytes.length - 1),
      Uint8Array.from([...bytes, 0]),
      Uint8Array.from([2, ...bytes.subarray(1)]),
      Uint8Array.from([1, 9, 0, 0]),
      Uint8Array.from([1, 0, 1, 7, 1, 0]),
    ];
    for (const each of damaged) {
      expect(() => membershipDecode(each)).toThrow(
        expect.objectContaining({ code: "QUORATE_RAFT_CORRUPT_MEMBERSHIP", kind: "corrupt" }),
      );
    }
  });
});
