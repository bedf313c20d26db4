// A checker that has never found anything proves nothing: each is shown what it must accept and what it must not.
import { describe, expect, test } from "vitest";
import { peerId, term } from "../../../src/base/numbers.ts";
import type { Message } from "../../../src/raft/types.ts";
import { CommittedLog } from "../../sim/checkers/committed-log.ts";
import { CommittedOnQuorum } from "../../sim/checkers/committed-on-quorum.ts";
import { DurablePromises } from "../../sim/checkers/durable-promises.ts";
import { ElectionSafety } from "../../sim/checkers/election-safety.ts";
import { FailStop } from "../../sim/checkers/fail-stop.ts";
import { LeaderCompleteness } from "../../sim/checkers/leader-completeness.ts";
import { checkLinearizable } from "../../sim/checkers/linearizable.ts";
import { LogMatching } from "../../sim/checkers/log-matching.ts";
import { Monotonic } from "../../sim/checkers/monotonic.ts";
import { Ordering } from "../../sim/checkers/ordering.ts";
import { SingleVote } from "../../sim/checkers/single-vote.ts";
import { StateDigests } from "../../sim/checkers/state-digests.ts";
import { StateMachineSafety } from "../../sim/checkers/state-machine-safety.ts";

function collect(): { found: string[]; report: (violation: { checker: string }) => void } {
  const found: string[] = [];
  return { found, report: ({ checker }) => void found.push(checker) };
}

describe("election safety", () => {
  test("one leader per term is fine, two are not", () => {
    const { found, report } = collect();
    const checker = new ElectionSafety(report);
    checker.led("s1", 2);
    checker.led("s2", 3);
    expect(found).toEqual([]);
    expect(checker.elections).toBe(2);
    checker.led("s3", 2);
    expect(found).toEqual(["election-safety"]);
  });

  test("nor may one server win a term twice", () => {
    const { found, report } = collect();
    const checker = new ElectionSafety(report);
    checker.led("s1", 2);
    checker.led("s1", 2);
    expect(found).toEqual(["election-safety"]);
  });
});

describe("log matching", () => {
  test("an entry follows the same term wherever it stands", () => {
    const { found, report } = collect();
    const checker = new LogMatching(report);
    checker.holds("s1", { index: 5, term: 3 }, 2);
    checker.holds("s2", { index: 5, term: 3 }, undefined);
    checker.holds("s2", { index: 5, term: 3 }, 2);
    checker.holds("s2", { index: 5, term: 4 }, 3);
    expect(found).toEqual([]);
    checker.holds("s3", { index: 5, term: 3 }, 1);
    expect(found).toEqual(["log-matching"]);
  });

  test("and carries the same", () => {
    const { found, report } = collect();
    const checker = new LogMatching(report);
    checker.carries("s1", { index: 5, term: 3 }, "a");
    checker.carries("s2", { index: 5, term: 3 }, "a");
    expect(found).toEqual([]);
    checker.carries("s2", { index: 5, term: 3 }, "b");
    expect(found).toEqual(["log-matching"]);
  });
});

describe("what is committed", () => {
  test("stays as it is", () => {
    const { found, report } = collect();
    const log = new CommittedLog(report);
    log.committed("s1", { index: 1, term: 1 }, 2);
    log.committed("s2", { index: 1, term: 1 }, 2);
    log.gaveUp("s2", { index: 2, term: 1 }, 3);
    log.gaveUp("s2", { index: 1, term: 2 }, 1);
    expect(found).toEqual([]);
    expect(log.last).toBe(1);
    log.committed("s3", { index: 1, term: 2 }, 3);
    log.gaveUp("s1", { index: 1, term: 1 }, undefined);
    log.gaveUp("s1", { index: 1, term: 1 }, 4);
    expect(found).toEqual(Array(3).fill("committed-immutable"));
  });

  test("is on every later leader", () => {
    const { found, report } = collect();
    const log = new CommittedLog(report);
    const checker = new LeaderCompleteness(report, log);
    log.committed("s1", { index: 1, term: 1 }, 2);
    log.committed("s1", { index: 2, term: 5 }, 5);
    const terms = [0, 1];
    const termAt = (index: number): number | undefined => terms[index];
    checker.led("s2", { firstIndex: 1, term: 5, termAt });
    checker.led("s2", { firstIndex: 3, term: 6, termAt });
    expect(found).toEqual([]);
    checker.led("s2", { firstIndex: 1, term: 6, termAt });
    expect(found).toEqual(["leader-completeness"]);
  });

  test("is on a quorum's disks, of both halves", () => {
    const { found, report } = collect();
    const checker = new CommittedOnQuorum(report);
    const entry = { index: 3, term: 2 };
    const isDurableOn = (voter: number): boolean => voter < 3;
    checker.committed("s1", entry, { voters: [1, 2, 3], votersOutgoing: [], isDurableOn });
    expect(found).toEqual([]);
    checker.committed("s1", entry, { voters: [1, 2, 3, 4], votersOutgoing: [], isDurableOn });
    checker.committed("s1", entry, { voters: [1, 2, 3], votersOutgoing: [1, 3, 4], isDurableOn });
    expect(found).toEqual(["committed-on-quorum", "committed-on-quorum"]);
  });
});

describe("state machines", () => {
  test("apply the same entries", () => {
    const { found, report } = collect();
    const checker = new StateMachineSafety(report);
    checker.applied("s1", { index: 1, term: 1 }, "a");
    checker.applied("s2", { index: 1, term: 1 }, "a");
    expect(found).toEqual([]);
    checker.applied("s3", { index: 1, term: 1 }, "b");
    checker.applied("s3", { index: 1, term: 2 }, "a");
    expect(found).toEqual(["state-machine-safety", "state-machine-safety"]);
  });

  test("come to the same state", () => {
    const { found, report } = collect();
    const checker = new StateDigests(report);
    checker.is("s1", 8, "x");
    checker.is("s2", 8, "x");
    checker.is("s2", 16, "y");
    expect(found).toEqual([]);
    checker.is("s1", 16, "x");
    expect(found).toEqual(["state-digests"]);
  });
});

describe("marks of one server", () => {
  const marks = { purged: 1, snapshot: 2, applied: 3, commit: 4, last: 5 };

  test("are in order", () => {
    const { found, report } = collect();
    const checker = new Ordering(report);
    checker.check("s1", marks);
    checker.check("s1", { purged: 2, snapshot: 2, applied: 2, commit: 2, last: 2 });
    expect(found).toEqual([]);
    for (const broken of [{ purged: 3 }, { snapshot: 4 }, { applied: 5 }, { commit: 6 }]) {
      checker.check("s1", { ...marks, ...broken });
    }
    expect(found).toEqual(Array(4).fill("ordering"));
  });

  test("never go back within a life", () => {
    const { found, report } = collect();
    const checker = new Monotonic(report);
    const now = { term: 2, vote: 1, commit: 3, applied: 3 };
    checker.check("s1", now);
    checker.check("s1", { ...now, term: 3, vote: 2 });
    checker.booted("s1", { ...now, commit: 1, applied: 0 });
    checker.check("s1", now);
    expect(found).toEqual([]);
    for (const back of [{ term: 1 }, { commit: 2 }, { applied: 2 }, { vote: 2 }]) {
      checker.booted("s1", now);
      checker.check("s1", { ...now, ...back });
    }
    expect(found).toEqual([
      "monotonic-term",
      "monotonic-commit",
      "monotonic-applied",
      "monotonic-vote",
    ]);
  });

  test("a vote is given once per term", () => {
    const { found, report } = collect();
    const checker = new SingleVote(report);
    checker.granted(1, 2, 3);
    checker.granted(1, 2, 3);
    checker.granted(1, 3, 2);
    expect(found).toEqual([]);
    checker.granted(1, 2, 2);
    expect(found).toEqual(["single-vote"]);
  });
});

describe("promises", () => {
  const envelope = { from: peerId(1), to: peerId(2), term: term(4), reject: false } as const;
  const vote: Message = { kind: "vote-response", ...envelope };
  const acknowledgement = {
    kind: "append-response",
    ...envelope,
    index: 7,
    rejectHint: 0,
    rejectHintTerm: 0,
    progressId: 0,
  } as unknown as Message;

  test("are durable before they are given", () => {
    const { found, report } = collect();
    const checker = new DurablePromises(report);
    checker.sent(vote, { term: 4, vote: 2, lastIndex: 0 });
    checker.sent(vote, { term: 5, vote: 0, lastIndex: 0 });
    checker.sent(acknowledgement, { term: 4, vote: 0, lastIndex: 7 });
    expect(found).toEqual([]);
    checker.sent(vote, { term: 4, vote: 0, lastIndex: 0 });
    checker.sent(vote, { term: 3, vote: 2, lastIndex: 0 });
    checker.sent(acknowledgement, { term: 4, vote: 0, lastIndex: 6 });
    expect(found).toEqual(Array(3).fill("durable-promises"));
  });

  test("a replica fails only with its disk, and is silent then", () => {
    const { found, report } = collect();
    const checker = new FailStop(report);
    checker.sent("s1");
    checker.failed("s1", "its disk", undefined);
    checker.booted("s1");
    checker.sent("s1");
    expect(found).toEqual([]);
    checker.failed("s1", "its disk", undefined);
    checker.sent("s1");
    checker.failed("s2", "an assertion", "no-defects");
    expect(found).toEqual(["fail-stop", "no-defects"]);
  });

  test("a stale read is not linearizable", () => {
    const { found, report } = collect();
    const put = { kind: "put", value: "x", condition: { kind: "none" } } as const;
    const done = { kind: "put", revision: 9, version: 1 } as const;
    const get = { kind: "get" } as const;
    const base = { key: "k", client: "c" };
    const wrote = { ...base, input: put, output: done, calledAt: 1, returnedAt: 2 };
    const read = {
      ...base,
      input: get,
      output: { kind: "absent" },
      calledAt: 3,
      returnedAt: 4,
    } as const;
    expect(checkLinearizable([wrote], report)).toBe(true);
    expect(found).toEqual([]);
    checkLinearizable([wrote, read], report);
    expect(found).toEqual(["linearizability"]);
  });
});
