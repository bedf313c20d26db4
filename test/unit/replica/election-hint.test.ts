import { expect, test } from "vitest";
import { noPeer, peerId, term } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import type { RaftStatus } from "../../../src/raft/status.ts";
import { ElectionHint } from "../../../src/replica/election-hint.ts";
import {
  hintDelayMaxMs,
  hintRetriesMax,
  hintRetryMaxMs,
  hintRetryMinMs,
} from "../../../src/replica/limits.ts";

type Status = Pick<RaftStatus, "id" | "role" | "vote" | "leader" | "term">;

function setup(status: Partial<Status> = {}): {
  hint: ElectionHint;
  status: { -readonly [K in keyof Status]: Status[K] };
  hints: number[];
} {
  const hints: number[] = [];
  const now = {
    id: peerId(1),
    role: "follower" as const,
    vote: peerId(3),
    leader: noPeer,
    term: term(4),
    ...status,
  };
  const hint = new ElectionHint(
    { tickMs: 10 },
    {
      random: seededRandom(5),
      core: { leaderLostHint: (ticks) => hints.push(ticks), status: () => now },
    },
  );
  return { hint, status: now, hints };
}

function ticks(hint: ElectionHint, count: number): void {
  for (let i = 0; i < count; i += 1) hint.tick();
}

test("without a broken stream nothing happens", () => {
  const { hint, hints } = setup();
  ticks(hint, 100);
  expect(hints).toEqual([]);
});

test("a broken stream asks for a campaign soon, and for a few more while there is no leader", () => {
  const { hint, hints } = setup();
  hint.leaderLost();
  expect(hints).toHaveLength(1);
  expect(hints[0]).toBeLessThan(hintDelayMaxMs / 10);
  ticks(hint, 2 ** (hintRetriesMax + 1) * (hintRetryMaxMs / 10));
  // The vote for the lost leader, in its term, does not count as loyalty to somebody else.
  expect(hints.slice(1)).toEqual(new Array(hintRetriesMax).fill(0));
});

test("each repeat waits twice as long as the one before, so that slow answers still count", () => {
  const { hint, hints } = setup();
  hint.leaderLost();
  const attemptsAt: number[] = [];
  for (let at = 1; attemptsAt.length < hintRetriesMax; at += 1) {
    const before = hints.length;
    hint.tick();
    if (hints.length > before) attemptsAt.push(at);
  }
  for (let n = 1; n < attemptsAt.length; n += 1) {
    const pauseMs = (attemptsAt[n]! - attemptsAt[n - 1]!) * 10;
    expect(pauseMs).toBeGreaterThanOrEqual(2 ** n * hintRetryMinMs);
    expect(pauseMs).toBeLessThanOrEqual(2 ** n * hintRetryMaxMs);
  }
});

test("a leader ends it", () => {
  const { hint, status, hints } = setup();
  hint.leaderLost();
  status.leader = peerId(2);
  hint.tick();
  status.leader = noPeer;
  ticks(hint, 100);
  expect(hints).toHaveLength(1);
});

test("whoever voted for another server in a newer term waits for it", () => {
  const { hint, status, hints } = setup();
  hint.leaderLost();
  status.term = term(5);
  status.vote = peerId(2);
  ticks(hint, 100);
  expect(hints).toHaveLength(1);
});
