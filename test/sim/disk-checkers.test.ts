// Each checker of disks and chunks, fed what it must report and what it must not.
import { describe, expect, test } from "vitest";
import type { PeerId } from "../../src/base/numbers.ts";
import type { MembershipState } from "../../src/raft/types.ts";
import { OnePeerPerMachine } from "./checkers/one-peer-per-machine.ts";
import type { Violation } from "./checkers/report.ts";
import { SoundDisk } from "./checkers/sound-disk.ts";
import { VersionOnMajority } from "./checkers/version-on-majority.ts";

function reported(act: (report: (violation: Violation) => void) => void): string[] {
  const found: string[] = [];
  act(({ checker }) => void found.push(checker));
  return found;
}

describe("sound-disk", () => {
  test("damage that somebody did may be found", () => {
    expect(reported((report) => new SoundDisk(report).complained("s1", "x", true))).toEqual([]);
  });

  test("damage that nobody did is a defect", () => {
    const found = reported((report) => new SoundDisk(report).complained("s1", "x", false));
    expect(found).toEqual(["sound-disk"]);
  });

  test("less than was synced is a defect", () => {
    const found = reported((report) => new SoundDisk(report).forgot("s1", "x"));
    expect(found).toEqual(["nothing-forgotten"]);
  });
});

function membership(
  change: Partial<Record<keyof MembershipState, readonly number[]>>,
): MembershipState {
  const peers = (list: readonly number[] = []): PeerId[] => list.map((peer) => peer as PeerId);
  return {
    voters: peers(change.voters),
    learners: peers(change.learners),
    votersOutgoing: peers(change.votersOutgoing),
    learnersNext: peers(change.learnersNext),
    autoLeave: false,
  };
}

describe("one-peer-per-machine", () => {
  /** Peers 1 and 4 are one machine. */
  const machineOf = (peer: number): string => `m${peer === 4 ? 1 : peer}`;
  const check = (state: MembershipState): string[] =>
    reported((report) => new OnePeerPerMachine(report, machineOf).inForce("s2", state));

  test("old and new id of a machine may not both belong to the cluster", () => {
    expect(check(membership({ voters: [1, 2, 3], learners: [4] }))).toEqual([
      "one-peer-per-machine",
    ]);
    expect(check(membership({ voters: [1, 2, 4] }))).toEqual(["one-peer-per-machine"]);
  });

  test("while the old one is on its way out, the new one may come in", () => {
    const joint = { voters: [2, 3], learners: [4], votersOutgoing: [1, 2, 3] };
    expect(check(membership(joint))).toEqual([]);
    expect(check(membership({ voters: [2, 3, 4], votersOutgoing: [2, 3] }))).toEqual([]);
  });
});

describe("version-on-majority", () => {
  const visible = (holders: readonly number[], votersOutgoing: readonly number[] = []): string[] =>
    reported((report) => {
      new VersionOnMajority(report).visible(
        "s1",
        { name: "a@1", digests: ["x", "y"] },
        {
          voters: [1, 2, 3],
          votersOutgoing,
          holds: (voter, digest) => digest === "x" || holders.includes(voter),
        },
      );
    });

  test("every chunk is on a majority of each half", () => {
    expect(visible([1, 3])).toEqual([]);
    expect(visible([1, 3], [3, 4])).toEqual(["version-on-majority"]);
    expect(visible([2])).toEqual(["version-on-majority"]);
  });

  test("other bytes than those committed are a defect", () => {
    const served = (found: string): string[] =>
      reported((report) => {
        new VersionOnMajority(report).served("s1", "a@1", { found, digest: "right" });
      });
    expect([served("right"), served("wrong")]).toEqual([[], ["bytes-as-committed"]]);
  });
});
