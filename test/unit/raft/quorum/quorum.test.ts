import { describe, expect, test } from "vitest";
import { type PeerId, peerId } from "../../../../src/base/numbers.ts";
import { jointIndex, jointVote } from "../../../../src/raft/quorum/joint.ts";
import { majorityIndex, majorityVote, unlimited } from "../../../../src/raft/quorum/majority.ts";

const peers = (...ids: number[]): PeerId[] => ids.map((id) => peerId(id));
const source = (numbers: Record<number, number>) => ({
  acknowledged: (peer: PeerId) => numbers[peer] ?? 0,
});
const answers = (votes: Record<number, boolean>) => ({ get: (peer: PeerId) => votes[peer] });

describe("majority", () => {
  test("the index that more than half have", () => {
    expect(majorityIndex(peers(1), source({ 1: 12 }))).toBe(12);
    expect(majorityIndex(peers(1, 2), source({ 1: 12, 2: 5 }))).toBe(5);
    expect(majorityIndex(peers(1, 2, 3), source({ 1: 12, 2: 5, 3: 7 }))).toBe(7);
    expect(majorityIndex(peers(1, 2, 3, 4), source({ 1: 9, 2: 9, 3: 7, 4: 1 }))).toBe(7);
    expect(majorityIndex(peers(1, 2, 3), source({}))).toBe(0);
  });

  test("nobody limits nothing", () => {
    expect(majorityIndex([], source({}))).toBe(unlimited);
    expect(majorityVote([], answers({}))).toBe("won");
  });

  test("a vote is lost when it cannot be won any more", () => {
    expect(majorityVote(peers(1, 2, 3), answers({ 1: false }))).toBe("pending");
    expect(majorityVote(peers(1, 2, 3), answers({ 1: false, 2: false }))).toBe("lost");
    expect(majorityVote(peers(1, 2, 3), answers({ 1: true, 2: true }))).toBe("won");
    expect(majorityVote(peers(1, 2), answers({ 1: false }))).toBe("lost");
  });
});

describe("joint", () => {
  const halves = { voters: peers(1, 2, 3), votersOutgoing: peers(3, 4, 5) };

  test("both halves must agree", () => {
    expect(jointIndex(halves, source({ 1: 9, 2: 9, 3: 4, 4: 3, 5: 2 }))).toBe(3);
    expect(jointVote(halves, answers({ 1: true, 2: true }))).toBe("pending");
    expect(jointVote(halves, answers({ 1: true, 2: true, 4: false, 5: false }))).toBe("lost");
    expect(jointVote(halves, answers({ 1: true, 3: true, 4: true }))).toBe("won");
  });

  test("an empty outgoing half is an ordinary majority", () => {
    const ordinary = { voters: peers(1, 2, 3), votersOutgoing: [] };
    expect(jointIndex(ordinary, source({ 1: 5, 2: 6 }))).toBe(5);
    expect(jointVote(ordinary, answers({ 1: true, 2: true }))).toBe("won");
  });
});
