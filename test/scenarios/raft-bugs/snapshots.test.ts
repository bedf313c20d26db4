// Bugs of other implementations around snapshots: numbers 39 to 43 of README.md.
import { describe, expect, test } from "vitest";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { MembershipState, SnapshotMeta } from "../../../src/raft/types.ts";
import { change, ledNetwork, membershipOf } from "../../unit/raft/network.ts";
import { append, entriesAfter, Solo, snapshotFrom } from "../../unit/raft/solo.ts";

const snapshot = (
  at: number,
  membership: MembershipState = membershipOf([1, 2, 3]),
): SnapshotMeta => ({
  index: index(at),
  term: term(2),
  membership,
});

describe("snapshots", () => {
  test("39 etcd #12631, raft-rs #472: an outgoing voter of a joint membership takes the snapshot", () => {
    const joint = { ...membershipOf([2, 3, 4]), votersOutgoing: [1, 2, 3].map(peerId) };
    const solo = new Solo({ config: { unnamedSnapshots: false } });
    solo.step(snapshotFrom(2, 2, snapshot(20, joint)));
    expect(solo.status).toMatchObject({ commit: 20, membership: joint });
  });

  test("39 etcd #13741: a snapshot from before the receiver was added is of use to it", () => {
    const solo = new Solo();
    const answers = solo.step(snapshotFrom(2, 2, snapshot(20, membershipOf([2, 3]))));
    expect(answers).toMatchObject([{ kind: "append-response", index: 20, reject: false }]);
    expect(solo.status.membership.voters).toEqual([2, 3]);
  });

  test("40 NuRaft #407, openraft eed681d5: a snapshot older than what is committed does not turn the state back", () => {
    const solo = new Solo();
    solo.step(append(2, 2, { entries: entriesAfter(10, [2, 2, 2, 2]), commit: 14 }));
    // Its own log does not reach back to 12 any more.
    solo.server.compact();
    const before = solo.status;
    const answers = solo.step(snapshotFrom(2, 2, snapshot(12)));
    expect(answers).toMatchObject([{ kind: "append-response", index: 14, reject: false }]);
    expect(solo.status).toEqual(before);
    expect(solo.server.copy.commands).toHaveLength(4);
  });

  test("40 openraft eed681d5: what was being applied when a newer snapshot came is not applied on top of it", () => {
    const solo = new Solo();
    solo.server.core.step(append(2, 2, { entries: entriesAfter(10, [2, 2]), commit: 12 }));
    solo.sent();
    solo.server.persist();
    solo.sent();
    expect(solo.server.committed).toHaveLength(2);
    solo.step(snapshotFrom(2, 2, snapshot(20)));
    expect(solo.status).toMatchObject({ applied: 20, commit: 20 });
    solo.server.core.applied(index(12));
    expect(solo.status.applied).toBe(20);
    solo.step(append(2, 2, { after: [20, 2], entries: entriesAfter(20, [2]), commit: 21 }));
    expect(solo.status.applied).toBe(21);
  });

  test("41 matrixone #23281, dragonboat #94, openraft dba24036: a snapshot's membership comes back as it was, learners as learners", () => {
    const membership: MembershipState = {
      voters: [2, 3, 4].map(peerId),
      votersOutgoing: [2, 3, 5].map(peerId),
      learners: [1].map(peerId),
      learnersNext: [5].map(peerId),
      autoLeave: true,
    };
    const solo = new Solo();
    solo.step(snapshotFrom(2, 2, snapshot(20, membership)));
    expect(solo.status.membership).toEqual(membership);
    solo.server.restart();
    expect(solo.status.membership).toEqual(membership);
    solo.tick(60);
    expect(solo.status.role).toBe("follower");
  });

  test("42 hashicorp #212, etcd raft #31: a follower catches up though the log is compacted again while its snapshot travels", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    const write = (text: string): void => {
      network.propose(1, text);
      network.settle();
      network.server(1).compact();
    };
    for (let i = 0; i < 5; i += 1) write(`a${i}`);
    network.heal();
    network.lose = ({ kind }) => kind === "snapshot";
    network.tick(3);
    for (let i = 0; i < 5; i += 1) write(`b${i}`);
    network.lose = () => false;
    network.tick(25);
    expect(network.server(3).copy.commands).toEqual(network.server(1).copy.commands);
    expect(network.server(3).copy.commands).toHaveLength(10);
    const { progress } = network.core(1).status();
    expect(progress.map(({ state }) => state)).toEqual(["replicate", "replicate", "replicate"]);
  });

  test("42 camunda #4451: with a newer snapshot nothing of the old log stays, so appends after it fit", () => {
    const solo = new Solo();
    // The tail is not durable yet, and would conflict.
    solo.server.core.step(append(2, 2, { entries: entriesAfter(10, [2, 2, 2]) }));
    solo.sent();
    solo.server.core.step(snapshotFrom(3, 3, { ...snapshot(13), term: term(3) }));
    expect(solo.status).toMatchObject({ lastIndex: 13, commit: 13 });
    expect(solo.server.core.view().termAt(index(13))).toBe(3);
    solo.work();
    const answers = solo.step(append(3, 3, { after: [13, 3], entries: entriesAfter(13, [3]) }));
    expect(answers).toMatchObject([{ index: 14, reject: false }]);
    expect(solo.terms).toEqual([3]);
  });

  test("43 formancehq/ledger #1596: a log that begins with a snapshot does not claim to reach back to the beginning", () => {
    const network = ledNetwork({ voters: [1, 2], strangers: [3] });
    expect(network.core(1).view()).toMatchObject({ firstIndex: 11 });
    network.core(1).proposeMembership(change([["add-learner", 3]]));
    const kinds = new Set<string>();
    network.lose = (message) => {
      if (message.to === 3) kinds.add(message.kind);
      return false;
    };
    network.tick(3);
    expect(kinds).toContain("snapshot");
    expect(network.core(3).view().firstIndex).toBeGreaterThan(10);
  });
});
