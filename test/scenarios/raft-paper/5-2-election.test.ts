// Section 5.2 of the Raft paper (extended version): leader election. Pre-vote is off where the paper's own
// rules are at stake.
import { describe, expect, test } from "vitest";
import { ledNetwork, messagesOf, Network } from "../../unit/raft/network.ts";
import {
  append,
  heartbeat,
  Solo,
  type SoloOptions,
  voteAnswer,
  voteRequest,
} from "../../unit/raft/solo.ts";

const paper: SoloOptions = { config: { preVote: false } };
const electionTicks = 10;

function candidate(voters: readonly number[]): Solo {
  const solo = new Solo({ ...paper, voters });
  solo.campaign([]);
  expect(solo.status.role).toBe("candidate");
  return solo;
}

/** Ticks until the server campaigns. */
function patience(solo: Solo): number {
  const { term } = solo.status;
  for (let ticks = 1; ; ticks += 1) {
    solo.tick();
    if (solo.status.term > term) return ticks;
  }
}

describe("§5.2 Leader election", () => {
  test("servers start as followers", () => {
    expect(new Solo(paper).status).toMatchObject({ role: "follower", leader: 0 });
    const restarted = new Solo({ ...paper, log: [2, 2], vote: 1 });
    expect(restarted.status.role).toBe("follower");
  });

  test("a server stays follower as long as it hears from a leader or a candidate that it votes for", () => {
    const solo = new Solo(paper);
    for (let i = 0; i < 5; i += 1) {
      solo.tick(electionTicks - 1);
      solo.step(heartbeat(2, 2));
    }
    solo.tick(electionTicks - 1);
    solo.step(append(2, 2));
    solo.tick(electionTicks - 1);
    solo.step({ ...voteRequest(3, 3), transfer: true });
    solo.tick(electionTicks - 1);
    expect(solo.status).toMatchObject({ role: "follower", term: 3, vote: 3 });
  });

  test("leaders send periodic heartbeats to all followers to keep their authority", () => {
    const network = ledNetwork({ voters: [1, 2, 3, 4, 5], ...paper });
    for (let tick = 0; tick < 3 * electionTicks; tick += 1) {
      network.core(1).tick();
      network.pump(1);
      expect(messagesOf(network.messages, "heartbeat").map(({ to }) => to)).toEqual([2, 3, 4, 5]);
      network.settle();
    }
    expect(network.server(1).role).toBe("leader");
  });

  test("a follower that hears nothing for an election timeout begins an election", () => {
    const solo = new Solo(paper);
    solo.step(heartbeat(2, 2));
    const ticks = patience(solo);
    expect(ticks).toBeGreaterThanOrEqual(electionTicks);
    expect(ticks).toBeLessThan(2 * electionTicks);
    expect(solo.status).toMatchObject({ role: "candidate", leader: 0 });
  });

  test("to begin an election it increments its term, votes for itself and asks all others in parallel", () => {
    const solo = new Solo({ ...paper, voters: [1, 2, 3, 4], log: [2, 3] });
    solo.server.core.campaign();
    expect(solo.status).toMatchObject({ role: "candidate", term: 4, vote: 1 });
    const requests = messagesOf(solo.sent(), "vote");
    expect(
      requests.map(({ to, term, lastIndex, lastTerm }) => [to, term, lastIndex, lastTerm]),
    ).toEqual([
      [2, 4, 12, 3],
      [3, 4, 12, 3],
      [4, 4, 12, 3],
    ]);
  });

  const elections: readonly (readonly [number, readonly number[], readonly number[], string])[] = [
    [1, [], [], "leader"],
    [3, [2], [], "leader"],
    [3, [2, 3], [], "leader"],
    [3, [], [2], "candidate"],
    [3, [], [2, 3], "follower"],
    [5, [2], [], "candidate"],
    [5, [2, 3], [], "leader"],
    [5, [2, 3], [4, 5], "leader"],
    [5, [2], [3, 4, 5], "follower"],
    [4, [2], [], "candidate"],
    [4, [2, 3], [], "leader"],
    [4, [2], [3, 4], "follower"],
  ];
  test.each(elections)(
    "a candidate wins with the votes of a majority of the whole cluster in its term: of %i, %j for it, %j against it: %s",
    (size, granting, refusing, role) => {
      const solo = candidateOf(size);
      for (const peer of granting) solo.step(voteAnswer(peer, 2));
      for (const peer of refusing) solo.step(voteAnswer(peer, 2, true));
      expect(solo.status.role).toBe(role);
    },
  );

  function candidateOf(size: number): Solo {
    const voters = [1, 2, 3, 4, 5].slice(0, size);
    const solo = new Solo({ ...paper, voters });
    solo.campaign([]);
    return solo;
  }

  test("votes of another term do not count", () => {
    const solo = candidate([1, 2, 3]);
    solo.step(voteAnswer(2, 1), voteAnswer(3, 1));
    expect(solo.status).toMatchObject({ role: "candidate", term: 2 });
  });

  test("each server votes for at most one candidate in a term, first come, first served", () => {
    const solo = new Solo(paper);
    const answers = solo.step(voteRequest(2, 2), voteRequest(3, 2), voteRequest(2, 2));
    expect(messagesOf(answers, "vote-response").map(({ to, reject }) => [to, reject])).toEqual([
      [2, false],
      [3, true],
      [2, false],
    ]);
    solo.server.restart();
    expect(messagesOf(solo.step(voteRequest(3, 2)), "vote-response")).toMatchObject([
      { reject: true },
    ]);
    expect(messagesOf(solo.step(voteRequest(3, 3)), "vote-response")).toMatchObject([
      { reject: false },
    ]);
  });

  test("the vote is on stable storage before it is given (Figure 2), and outlives following the term's leader", () => {
    const solo = new Solo({ config: { preVote: false, checkQuorum: false } });
    solo.server.core.step(voteRequest(2, 2));
    expect(solo.sent()).toEqual([]);
    solo.server.persist();
    expect(solo.server.log.initialHardState()).toMatchObject({ term: 2, vote: 2 });
    expect(messagesOf(solo.sent(), "vote-response")).toMatchObject([{ to: 2, reject: false }]);
    const loser = new Solo({ config: { preVote: false, checkQuorum: false } });
    loser.campaign([]);
    loser.step(append(2, 2));
    expect(loser.status).toMatchObject({ role: "follower", term: 2, vote: 1 });
    expect(messagesOf(loser.step(voteRequest(3, 2)), "vote-response")).toMatchObject([
      { reject: true },
    ]);
  });

  test("a candidate has voted for itself: it refuses the others of its term", () => {
    const solo = candidate([1, 2, 3]);
    expect(messagesOf(solo.step(voteRequest(2, 2)), "vote-response")).toMatchObject([
      { reject: true },
    ]);
  });

  test("of two candidates with the same term at most one gets a majority, in whatever order the votes are asked", () => {
    for (const order of [
      [1, 2, 1, 2],
      [2, 1, 2, 1],
      [1, 1, 2, 2],
      [1, 2, 2, 1],
    ]) {
      const network = new Network({ voters: [1, 2, 3, 4, 5], ...paper });
      for (const number of [1, 2]) network.core(number).campaign();
      for (const number of [1, 2]) network.pump(number);
      const all = network.messages.splice(0);
      for (const from of order) network.messages.push(...all.filter((each) => each.from === from));
      network.settle();
      const leaders = [...network.servers.values()].filter(({ role }) => role === "leader");
      expect(leaders.length).toBeLessThanOrEqual(1);
    }
  });

  test("once it has won, the leader tells all others at once, which ends their elections", () => {
    const solo = candidate([1, 2, 3, 4, 5]);
    const messages = solo.step(voteAnswer(2, 2), voteAnswer(3, 2));
    expect(solo.status.role).toBe("leader");
    expect(messagesOf(messages, "append").map(({ to, term }) => [to, term])).toEqual([
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 2],
    ]);
  });

  test("a candidate that hears from a leader of its term or a later one recognizes it and follows", () => {
    for (const inTerm of [2, 3]) {
      for (const message of [append(2, inTerm), heartbeat(2, inTerm)]) {
        const solo = candidate([1, 2, 3]);
        solo.step(message);
        expect(solo.status).toMatchObject({ role: "follower", leader: 2, term: inTerm });
      }
    }
  });

  test("a candidate refuses a leader of an earlier term and stays candidate", () => {
    const solo = candidate([1, 2, 3]);
    const answers = solo.step(append(2, 1), heartbeat(2, 1));
    expect(answers.map(({ to, term }) => [to, term])).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(solo.status).toMatchObject({ role: "candidate", term: 2 });
  });

  test("a candidate without a decision times out and begins a new election in the next term", () => {
    const solo = candidate([1, 2, 3]);
    const requests = messagesOf(solo.tick(2 * electionTicks - 1), "vote");
    expect(requests.map(({ term }) => term)).toEqual([3, 3]);
    expect(solo.status).toMatchObject({ role: "candidate", term: 3, vote: 1 });
  });

  test("election timeouts are drawn at random from a fixed interval, all of which comes up", () => {
    const follower = new Set<number>();
    const candidates = new Set<number>();
    for (let seed = 1; seed <= 300; seed += 1) {
      const solo = new Solo({ ...paper, seed });
      follower.add(patience(solo));
      candidates.add(patience(solo));
    }
    const interval = Array.from({ length: electionTicks }, (_, i) => electionTicks + i);
    expect([...follower].sort((a, b) => a - b)).toEqual(interval);
    expect([...candidates].sort((a, b) => a - b)).toEqual(interval);
  });

  test("a candidate restarts its timeout at the start of an election and waits for it before the next", () => {
    const solo = new Solo(paper);
    for (let round = 0; round < 20; round += 1) {
      expect(patience(solo)).toBeGreaterThanOrEqual(electionTicks);
    }
  });

  test("in most cases only one server times out, and it wins before the others do", () => {
    let decided = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const network = new Network({ voters: [1, 2, 3, 4, 5], ...paper, seed });
      network.tick(2 * electionTicks - 1);
      if (network.leader().core.status().term === 2) decided += 1;
    }
    expect(decided).toBeGreaterThan(20);
  });
});
