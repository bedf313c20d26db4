// The checkers of campaigns and leadership: each is shown what it must accept and what it must not.
import { describe, expect, test } from "vitest";
import type { Message, VoteRequest } from "../../../src/raft/types.ts";
import { CommitEvidence } from "../../sim/checkers/commit-evidence.ts";
import { DurablePromises } from "../../sim/checkers/durable-promises.ts";
import { ElectedByQuorum } from "../../sim/checkers/elected-by-quorum.ts";
import { Loyalty } from "../../sim/checkers/loyalty.ts";
import { MembershipAgreement } from "../../sim/checkers/membership-agreement.ts";
import { QuorumContact } from "../../sim/checkers/quorum-contact.ts";
import type { Report } from "../../sim/checkers/report.ts";

function collect(): { found: string[]; report: Report } {
  const found: string[] = [];
  return { found, report: ({ checker }) => void found.push(checker) };
}

const three = { voters: [1, 2, 3], votersOutgoing: [] };
const joint = { voters: [1, 2, 3], votersOutgoing: [3, 4, 5] };

describe("who leads", () => {
  const campaign = { candidate: 1, term: 4 };

  test("has the votes of a quorum", () => {
    const { found, report } = collect();
    const checker = new ElectedByQuorum(report);
    checker.voted(2, campaign);
    checker.led(campaign, three);
    expect(found).toEqual([]);
    checker.led({ ...campaign, term: 5 }, three);
    expect(found).toEqual(["elected-by-quorum"]);
  });

  test("counts nobody twice", () => {
    const { found, report } = collect();
    const checker = new ElectedByQuorum(report);
    checker.voted(2, campaign);
    checker.voted(2, campaign);
    checker.led(campaign, { voters: [1, 2, 3, 4, 5], votersOutgoing: [] });
    expect(found).toEqual(["elected-by-quorum"]);
  });

  test("has them in both halves", () => {
    const { found, report } = collect();
    const checker = new ElectedByQuorum(report);
    checker.voted(2, campaign);
    checker.voted(4, campaign);
    checker.led(campaign, joint);
    expect(found).toEqual(["elected-by-quorum"]);
    checker.voted(5, campaign);
    checker.led(campaign, joint);
    expect(found).toHaveLength(1);
  });

  test("has asked before", () => {
    const { found, report } = collect();
    const checker = new ElectedByQuorum(report);
    checker.encouraged(2, campaign);
    checker.campaigned(campaign, three);
    checker.campaigned({ ...campaign, term: 5 }, three);
    expect(found).toEqual([]);
    checker.campaigned({ ...campaign, term: 6 }, three);
    checker.campaigned(campaign, joint);
    expect(found).toEqual(["asks-first", "asks-first"]);
  });

  test("has its own vote on the disk", () => {
    const { found, report } = collect();
    const checker = new DurablePromises(report);
    checker.led(1, 4, { term: 4, vote: 1 });
    checker.led(1, 4, { term: 5, vote: 0 });
    expect(found).toEqual([]);
    checker.led(1, 4, { term: 4, vote: 0 });
    checker.led(1, 4, { term: 3, vote: 1 });
    expect(found).toEqual(["durable-promises", "durable-promises"]);
  });
});

describe("a leader that hears nobody", () => {
  const view = { ...three, self: 1, term: 4, isLeader: true };

  function lead(checker: QuorumContact, fromMs: number, toMs: number): void {
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 50) checker.looked("s1", { ...view, nowMs });
  }

  test("is found out after a while", () => {
    const { found, report } = collect();
    const checker = new QuorumContact(report);
    lead(checker, 0, 2000);
    expect(found).toEqual([]);
    checker.heard("s1", 2, 2000);
    lead(checker, 2050, 4000);
    expect(found).toEqual([]);
    lead(checker, 4050, 4050);
    expect(found).toEqual(["quorum-contact"]);
  });

  test("needs both halves", () => {
    const { found, report } = collect();
    const checker = new QuorumContact(report);
    const both = { ...view, ...joint };
    for (let nowMs = 0; nowMs <= 2050; nowMs += 50) {
      checker.looked("s1", { ...both, nowMs });
      checker.heard("s1", 2, nowMs);
    }
    expect(found).toEqual(["quorum-contact"]);
  });

  test("is forgiven for what it slept through, for new voters, and once it does not lead", () => {
    const { found, report } = collect();
    const checker = new QuorumContact(report);
    lead(checker, 0, 1000);
    lead(checker, 9000, 9900);
    expect(found).toEqual([]);
    checker.looked("s1", { ...view, voters: [1, 2, 3, 4], nowMs: 9950 });
    checker.looked("s1", { ...view, isLeader: false, nowMs: 10_000 });
    lead(checker, 10_050, 12_050);
    checker.booted("s1");
    lead(checker, 12_100, 14_100);
    expect(found).toEqual([]);
  });
});

describe("a follower", () => {
  const append = {
    kind: "append",
    prevIndex: 5,
    entries: [{}, {}],
    commit: 9,
  } as unknown as Message;

  test("commits what the message proves and nothing beyond", () => {
    const { found, report } = collect();
    const checker = new CommitEvidence(report);
    checker.received("s1", append);
    checker.followed("s1", 7);
    checker.received("s1", { ...append, commit: 6 } as Message);
    checker.followed("s1", 6);
    checker.received("s1", { kind: "heartbeat", commit: 8 } as unknown as Message);
    checker.followed("s1", 8);
    checker.received("s1", { kind: "snapshot", snapshot: { index: 20 } } as unknown as Message);
    checker.followed("s1", 20);
    expect(found).toEqual([]);
    checker.received("s1", append);
    checker.followed("s1", 8);
    checker.received("s1", { kind: "timeout-now" } as unknown as Message);
    checker.followed("s1", 1);
    expect(found).toEqual(["commit-evidence", "commit-evidence"]);
  });

  test("is loyal to the leader that it hears", () => {
    const { found, report } = collect();
    const checker = new Loyalty(report);
    const message = { from: 2, term: 5, transfer: false } as unknown as VoteRequest;
    const event = { kind: "vote-decided", decision: "granted", message, leaseTicks: 3 } as const;
    const decided = { ...event, last: { index: 0, term: 0 }, vote: 0 } as never as typeof event &
      Parameters<Loyalty["decided"]>[1];
    checker.decided("s1", { ...decided, leaseTicks: 0 }, 4);
    checker.decided("s1", { ...decided, decision: "rejected" }, 4);
    checker.decided("s1", { ...decided, message: { ...message, transfer: true } }, 4);
    checker.decided("s1", decided, 5);
    expect(found).toEqual([]);
    checker.decided("s1", decided, 4);
    expect(found).toEqual(["loyalty"]);
  });

  test("has one membership, in the core and in the state", () => {
    const { found, report } = collect();
    const checker = new MembershipAgreement(report);
    const members = { ...joint, learners: [6] };
    checker.compare("s1", members, { ...members });
    expect(found).toEqual([]);
    checker.compare("s1", members, { ...members, voters: [1, 2] });
    checker.compare("s1", members, { ...members, learners: [] });
    checker.compare("s1", members, { ...members, votersOutgoing: [] });
    expect(found).toEqual(Array(3).fill("membership-agreement"));
  });
});
