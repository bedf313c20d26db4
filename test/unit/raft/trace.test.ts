// What a trace says about decisions: enough to tell why, without asking the core.
import { describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { RaftCore } from "../../../src/raft/raft-core.ts";
import type { TraceContext, TraceEvent } from "../../../src/raft/trace.ts";
import type { MessageKind } from "../../../src/raft/types.ts";
import { change, ledNetwork, type Network } from "./network.ts";

function eventsOf(network: Network, number: number, kind: TraceEvent["kind"]): TraceEvent[] {
  return network.server(number).events.filter((event) => event.kind === kind);
}

/** The kinds of etcd's state_trace.go, as the table in trace.ts has them. */
const stateTrace: Readonly<Record<string, readonly [TraceEvent["kind"], MessageKind?]>> = {
  InitState: ["init-state"],
  BecomeCandidate: ["become-candidate"],
  BecomeFollower: ["become-follower"],
  BecomeLeader: ["become-leader"],
  Commit: ["commit"],
  Replicate: ["replicate"],
  ChangeConf: ["change-conf"],
  ApplyConfChange: ["apply-conf-change"],
  Ready: ["ready"],
  SendAppendEntriesRequest: ["send", "append"],
  ReceiveAppendEntriesRequest: ["receive", "append"],
  SendAppendEntriesResponse: ["send", "append-response"],
  ReceiveAppendEntriesResponse: ["receive", "append-response"],
  SendRequestVoteRequest: ["send", "vote"],
  ReceiveRequestVoteRequest: ["receive", "vote"],
  SendRequestVoteResponse: ["send", "vote-response"],
  ReceiveRequestVoteResponse: ["receive", "vote-response"],
  SendSnapshot: ["send", "snapshot"],
  ReceiveSnapshot: ["receive", "snapshot"],
};

/** Everything that the table speaks of happens here: an election, writes, a change, a snapshot. */
function eventfulRun(): readonly TraceEvent[] {
  const network = ledNetwork({ voters: [1, 2, 3] });
  network.isolate(3);
  network.core(1).proposeMembership(change([["add-learner", 3]]));
  network.settle();
  network.propose(1, "x");
  network.settle();
  network.server(1).compact();
  network.heal();
  network.tick(2);
  expect(network.server(3).copy.commands).toEqual(["x"]);
  return [...network.servers.values()].flatMap(({ events }) => events);
}

describe("state_trace.go", () => {
  test("has 19 kinds", () => {
    expect(Object.keys(stateTrace)).toHaveLength(19);
  });

  const events = eventfulRun();
  test.each(Object.entries(stateTrace))("%s has its event", (_, [kind, messageKind]) => {
    const found = events.some(
      (event) =>
        event.kind === kind &&
        (messageKind === undefined || ("message" in event && event.message.kind === messageKind)),
    );
    expect(found).toBe(true);
  });

  test("with each comes the state that a validator compares", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    const contexts: TraceContext[] = [];
    const { log } = network.server(2);
    const core = new RaftCore(
      {
        id: peerId(2),
        electionTicks: 10,
        heartbeatTicks: 1,
        maxMessageBytes: 1024,
        maxInflightMessages: 8,
        maxInflightBytes: 8192,
        maxUncommittedBytes: 1024,
        applyBatchBytesMax: 1024,
        applied: log.snapshot().index,
      },
      { log, random: seededRandom(1), trace: { record: (_, context) => contexts.push(context) } },
    );
    core.campaign();
    expect(contexts.at(-1)).toEqual({
      id: 2,
      term: 2,
      role: "pre-candidate",
      vote: 1,
      commit: 10,
      lastIndex: 11,
    });
  });
});

describe("trace", () => {
  test("a transfer that ends says why", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(1);
    network.core(1).transferLeadership(peerId(2));
    network.core(1).transferLeadership(peerId(3));
    for (let tick = 0; tick < 10; tick += 1) network.core(1).tick();
    expect(eventsOf(network, 1, "transfer-aborted")).toMatchObject([
      { to: 2, reason: "replaced" },
      { to: 3, reason: "timeout" },
    ]);
    expect(eventsOf(network, 1, "timeout-now-sent")).toMatchObject([
      { to: 2, atOnce: true },
      { to: 3, atOnce: true },
    ]);
  });

  test("a joint membership that is not left says who stands in the way", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).proposeMembership(change([["add-learner", 3]], "joint-implicit"));
    network.lose = ({ kind }) => kind === "timeout-now";
    network.core(1).transferLeadership(peerId(2));
    network.settle();
    expect(eventsOf(network, 1, "auto-leave-refused")[0]).toMatchObject({
      transferee: 2,
      membership: { voters: [1, 2], votersOutgoing: [1, 2, 3], learnersNext: [3] },
    });
    expect(eventsOf(network, 1, "auto-leave")).toEqual([]);
  });

  test("a probe that moves back and the rejection behind it are told with what is known", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.propose(1, "a");
    network.settle();
    network.heal();
    network.core(1).reportUnreachable(peerId(3));
    expect(eventsOf(network, 1, "unreachable")[0]).toMatchObject({
      peer: 3,
      progress: { state: "probe", match: 11, next: 12, inflight: 0, inflightFull: false },
    });
    network.core(2).reportUnreachable(peerId(3));
    expect(eventsOf(network, 2, "unreachable")).toEqual([]);
  });

  test("what is said about a peer outside the membership is noted", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).reportUnreachable(peerId(9));
    expect(eventsOf(network, 1, "no-progress")).toEqual([{ kind: "no-progress", peer: 9 }]);
  });
});

describe("a snapshot that does not name its receiver", () => {
  test.each([true, false])("unnamedSnapshots = %s", (unnamedSnapshots) => {
    const network = ledNetwork({
      voters: [1, 2],
      strangers: [3],
      config: { unnamedSnapshots },
    });
    const { term } = network.core(1).status();
    const snapshot = { ...network.server(1).log.snapshot(), index: network.core(1).view().commit };
    network.deliver({
      kind: "snapshot",
      from: peerId(1),
      to: peerId(3),
      term,
      snapshot,
      progressId: 0,
    });
    const ignored = eventsOf(network, 3, "snapshot-ignored");
    expect(ignored).toMatchObject(unnamedSnapshots ? [] : [{ reason: "not-named" }]);
    expect(network.core(3).view().commit).toBe(unnamedSnapshots ? snapshot.index : 0);
  });
});

describe("a change without steps", () => {
  test.each(["auto", "joint-explicit"] as const)("(%s) only leaves a joint membership", (kind) => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    expect(() => network.core(1).proposeMembership(change([], kind))).toThrow(
      expect.objectContaining({
        code: "QUORATE_RAFT_MEMBERSHIP_INVALID",
        fields: { reason: "not-joint" },
      }),
    );
  });
});
