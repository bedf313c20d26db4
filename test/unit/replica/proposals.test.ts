import { describe, expect, test } from "vitest";
import type { QuorateError } from "../../../src/base/errors.ts";
import { type LogFields, silentLogger } from "../../../src/base/logger.ts";
import { index, term } from "../../../src/base/numbers.ts";
import { raftErrors } from "../../../src/raft/errors.ts";
import { ProposalQueue, type ProposalTarget } from "../../../src/replica/proposer.ts";
import type { CommandResult } from "../../../src/state/result.ts";
import { VirtualClock } from "./virtual-clock.ts";

const bytes = (size: number): Uint8Array => new Uint8Array(size);

function done(at: number): CommandResult {
  return { kind: "done", revision: index(at), detail: { kind: "none" } };
}

class Core implements ProposalTarget {
  next = 1;
  term = 1;
  readonly batches: number[] = [];
  refusal: Error | undefined;

  propose(data: readonly Uint8Array[]): ReturnType<ProposalTarget["propose"]> {
    if (this.refusal !== undefined) throw this.refusal;
    this.batches.push(data.length);
    const first = index(this.next);
    this.next += data.length;
    return { index: first, term: term(this.term) };
  }

  proposeMembership(): ReturnType<ProposalTarget["propose"]> {
    return this.propose([bytes(0)]);
  }
}

function setup(limits: Partial<{ proposalsMax: number; proposalBytesMax: number }> = {}): {
  queue: ProposalQueue;
  core: Core;
  clock: VirtualClock;
  leadership: { leads: boolean; term: ReturnType<typeof term> };
  outcomes: string[];
  warned: unknown[];
  propose: (name: string, size?: number, deadlineMs?: number) => void;
} {
  const clock = new VirtualClock();
  const leadership = { leads: true, term: term(1) };
  const warned: unknown[] = [];
  const logger = { ...silentLogger, warn: (fields: LogFields) => warned.push(fields["reason"]) };
  const queue = new ProposalQueue(
    { proposalsMax: 4, proposalBytesMax: 100, entryBytesMax: 80, graceMs: 600, ...limits },
    { clock, logger, wallClock: clock, wake: () => undefined, leadership },
  );
  const outcomes: string[] = [];
  const propose = (name: string, size = 10, deadlineMs = 10_000): void => {
    queue.proposeEncoded(bytes(size), { deadlineMs }).then(
      ({ revision }) => outcomes.push(`${name}: ${String(revision)}`),
      (thrown: unknown) => {
        const { fields, code } = thrown as QuorateError;
        outcomes.push(`${name}: ${String(fields["limit"] ?? code.replace(/^.*REPLICA_/, ""))}`);
      },
    );
  };
  return { queue, core: new Core(), clock, leadership, outcomes, warned, propose };
}

describe("proposal queue", () => {
  test("what is proposed in one turn is one batch, answered in order", async () => {
    const { queue, core, clock, outcomes, propose } = setup();
    propose("a");
    propose("b");
    queue.flush(core);
    propose("c");
    queue.flush(core);
    queue.flush(core);
    expect(core.batches).toEqual([2, 1]);
    queue.applied(index(1), term(1), done(1));
    queue.applied(index(2), term(1), done(2));
    queue.applied(index(3), term(1), done(3));
    await clock.run(0);
    expect(outcomes).toEqual(["a: 1", "b: 2", "c: 3"]);
    expect(queue.stats()).toMatchObject({ proposals: 0, proposalBytes: 0 });
  });

  test("count, bytes and the single entry are bounded, and freed when answered", async () => {
    const { queue, core, clock, outcomes, warned, propose } = setup();
    for (const name of ["a", "b", "c", "d", "e"]) propose(name);
    propose("large", 81);
    queue.flush(core);
    await clock.run(0);
    expect(outcomes).toEqual(["e: proposalsMax", "large: entryBytesMax"]);
    for (let i = 1; i <= 3; i += 1) queue.applied(index(i), term(1), done(i));
    propose("f", 80);
    propose("g", 80);
    await clock.run(0);
    expect(outcomes.slice(2)).toEqual(["a: 1", "b: 2", "c: 3", "g: proposalBytesMax"]);
    expect(queue.stats().refused).toEqual({
      ...{ proposalsMax: 1, entryBytesMax: 1, proposalBytesMax: 1 },
    });
    expect(warned).toEqual(["proposalsMax", "entryBytesMax", "proposalBytesMax"]);
  });

  test("one proposal always fits, whatever the bound", async () => {
    const { queue, core, outcomes, propose, clock } = setup({ proposalBytesMax: 5 });
    propose("a", 50);
    propose("b", 1);
    queue.flush(core);
    queue.applied(index(1), term(1), done(1));
    await clock.run(0);
    expect(outcomes.toSorted()).toEqual(["a: 1", "b: proposalBytesMax"]);
  });

  test("a refusal of the core is definite", async () => {
    const { queue, core, clock, outcomes, propose } = setup();
    core.refusal = raftErrors.TRANSFERRING("to 2");
    propose("a");
    queue.flush(core);
    core.refusal = raftErrors.PROPOSAL_LIMIT("full");
    propose("b");
    queue.flush(core);
    await clock.run(0);
    expect(outcomes).toEqual(["a: NOT_LEADER", "b: QUORATE_RAFT_PROPOSAL_LIMIT"]);
    core.refusal = new TypeError("a defect");
    propose("c");
    expect(() => queue.flush(core)).toThrow("a defect");
  });

  test("leadership lost before the turn: definite; after it: unknown, once the grace is over", async () => {
    const { queue, core, clock, leadership, outcomes, propose } = setup();
    propose("appended");
    queue.flush(core);
    propose("waiting");
    leadership.leads = false;
    queue.leadershipEnded();
    queue.flush(core);
    propose("late");
    await clock.run(599);
    queue.expire(clock.nowMs());
    await clock.run(0);
    expect(outcomes).toEqual(["waiting: NOT_LEADER", "late: NOT_LEADER"]);
    await clock.run(1);
    queue.expire(clock.nowMs());
    await clock.run(0);
    expect(outcomes.at(-1)).toBe("appended: OUTCOME_UNKNOWN");
  });

  test("within the grace the log decides: own entry or another's", async () => {
    const { queue, core, clock, leadership, outcomes, propose } = setup();
    propose("kept");
    propose("replaced");
    queue.flush(core);
    leadership.leads = false;
    queue.leadershipEnded();
    queue.applied(index(1), term(1), done(1));
    queue.applied(index(2), term(2), done(2));
    await clock.run(0);
    expect(outcomes).toEqual(["kept: 1", "replaced: NOT_LEADER"]);
  });

  test("being overwritten in this log alone proves nothing", async () => {
    const { queue, core, clock, outcomes, propose } = setup();
    propose("first");
    propose("second");
    queue.flush(core);
    core.next = 2;
    core.term = 3;
    propose("third");
    queue.flush(core);
    await clock.run(0);
    expect(outcomes).toEqual(["second: OUTCOME_UNKNOWN"]);
    queue.applied(index(1), term(1), done(1));
    queue.applied(index(2), term(3), done(2));
    await clock.run(0);
    expect(outcomes.slice(1)).toEqual(["first: 1", "third: 2"]);
  });

  test("a deadline ends as unknown and its entry may still be applied", async () => {
    const { queue, core, clock, outcomes, propose } = setup();
    propose("short", 10, 50);
    propose("long", 10, 500);
    queue.flush(core);
    await clock.run(50);
    queue.expire(clock.nowMs());
    queue.applied(index(1), term(1), done(1));
    queue.applied(index(2), term(1), done(2));
    await clock.run(0);
    expect(outcomes).toEqual(["short: OUTCOME_UNKNOWN", "long: 2"]);
  });

  test("a snapshot hides what became of the entries in it", async () => {
    const { queue, core, clock, outcomes, propose } = setup();
    propose("inside");
    propose("behind");
    queue.flush(core);
    queue.applied(index(2), term(1), done(2));
    await clock.run(0);
    expect(outcomes).toEqual(["inside: OUTCOME_UNKNOWN", "behind: 2"]);
  });

  test("a proposal of another term is refused, at the call and at the turn", async () => {
    const { queue, core, clock, leadership } = setup();
    await expect(queue.proposeEncoded(bytes(1), { term: term(2) })).rejects.toMatchObject({
      code: "QUORATE_REPLICA_NOT_LEADER",
    });
    const early = queue.proposeEncoded(bytes(1), { term: term(1) });
    leadership.term = term(2);
    queue.flush(core);
    await expect(early).rejects.toMatchObject({ code: "QUORATE_REPLICA_NOT_LEADER" });
    expect(core.batches).toEqual([]);
    await clock.run(0);
  });

  test("the ledger stays small over many proposals", async () => {
    const { queue, core, clock, outcomes, propose } = setup({ proposalsMax: 10_000 });
    for (let i = 1; i <= 5000; i += 1) {
      propose(String(i), 0);
      queue.flush(core);
      queue.applied(index(i), term(1), done(i));
    }
    await clock.run(0);
    expect(outcomes).toHaveLength(5000);
    expect(outcomes.every((each) => /^(\d+): \1$/.test(each))).toBe(true);
  });
});
