import { describe, expect, test } from "vitest";
import { type Index, index, noPeer, term } from "../../../src/base/numbers.ts";
import { RaftLog } from "../../../src/raft/log.ts";
import { MemoryLog } from "../../../src/raft/memory-log.ts";
import type { Entry } from "../../../src/raft/types.ts";
import { Unstable } from "../../../src/raft/unstable.ts";
import { membershipOf } from "./network.ts";

function entries(from: number, ...terms: readonly number[]): Entry[] {
  return terms.map((inTerm, i) => ({
    index: index(from + i),
    term: term(inTerm),
    type: "normal",
    data: new Uint8Array(10),
  }));
}

const termsOf = (list: readonly Entry[] | undefined): number[] | undefined =>
  list?.map((each) => each.term);

describe("unstable", () => {
  test("hands out what is new, once", () => {
    const unstable = new Unstable(index(5));
    unstable.append(entries(5, 1, 1));
    expect(termsOf(unstable.next())).toEqual([1, 1]);
    unstable.accept();
    expect(unstable.hasNext()).toBe(false);
    unstable.append(entries(7, 1));
    expect(unstable.next().map((each) => each.index)).toEqual([7]);
  });

  test("a truncation into what is being written hands it out again", () => {
    const unstable = new Unstable(index(5));
    unstable.append(entries(5, 1, 1, 1));
    unstable.accept();
    expect(unstable.append(entries(6, 2))).toBe("truncated");
    expect(unstable.next().map((each) => [each.index, each.term])).toEqual([[6, 2]]);
    expect(unstable.stableTo(index(7), term(1))).toBe("missing");
    expect(unstable.stableTo(index(6), term(1))).toBe("other-term");
    expect(unstable.stableTo(index(6), term(2))).toBe("stable");
    expect(unstable).toMatchObject({ start: 7, length: 0 });
    expect(unstable.append(entries(4, 3))).toBe("replaced");
    expect(unstable).toMatchObject({ start: 4, inProgress: 4 });
  });

  test("refuses a gap", () => {
    const unstable = new Unstable(index(5));
    expect(() => unstable.append(entries(6, 1))).toThrow("a gap");
  });

  test("a slice is not changed by later appends", () => {
    const unstable = new Unstable(index(1));
    unstable.append(entries(1, 1));
    const slice = unstable.slice(index(1), index(2));
    unstable.append(entries(2, 1));
    expect(slice).toHaveLength(1);
  });

  test("a snapshot replaces everything, and only its own confirmation ends it", () => {
    const unstable = new Unstable(index(5));
    unstable.append(entries(5, 1));
    const snapshot = { index: index(20), term: term(2), membership: membershipOf([1]) };
    unstable.restore(snapshot);
    expect(unstable.lastIndex()).toBe(20);
    expect(unstable.term(index(20))).toBe(2);
    expect(unstable.nextSnapshot()).toBe(snapshot);
    unstable.accept();
    expect(unstable.nextSnapshot()).toBeUndefined();
    expect(unstable.stableTo(index(20), term(2))).toBe("snapshot");
    unstable.stableSnapshotTo(index(19));
    expect(unstable.snapshot).toBe(snapshot);
    unstable.stableSnapshotTo(index(20));
    expect(unstable.snapshot).toBeUndefined();
  });
});

function logWith(stable: readonly number[], unstable: readonly number[]): RaftLog {
  const disk = new MemoryLog();
  disk.append(entries(1, ...stable));
  const log = new RaftLog(disk, 1000);
  if (unstable.length > 0) log.unstable.append(entries(stable.length + 1, ...unstable));
  return log;
}

describe("log", () => {
  test("reads across the border between disk and memory", () => {
    const log = logWith([1, 1, 2], [2, 3]);
    expect(termsOf(log.slice(index(1), index(6), 1e6))).toEqual([1, 1, 2, 2, 3]);
    expect(termsOf(log.slice(index(3), index(5), 1e6))).toEqual([2, 2]);
    expect(log.last()).toEqual({ index: 5, term: 3 });
  });

  test("limits bytes, but gives at least one entry", () => {
    const log = logWith([1, 1, 2], [2, 3]);
    // An entry counts 10 bytes of payload and 16 of overhead.
    expect(log.slice(index(1), index(6), 0)).toHaveLength(1);
    expect(log.slice(index(1), index(6), 52)).toHaveLength(2);
    expect(log.slice(index(3), index(6), 52)).toHaveLength(2);
    expect(log.slice(index(3), index(6), 51)).toHaveLength(1);
    expect(log.slice(index(4), index(6), 51)).toHaveLength(1);
  });

  test("what is compacted is undefined, its last term is known", () => {
    const disk = new MemoryLog();
    disk.append(entries(1, 1, 1, 2));
    const log = new RaftLog(disk, 1000);
    disk.compact({ index: index(2), term: term(1), membership: membershipOf([1]) });
    expect(log.slice(index(2), index(4), 1e6)).toBeUndefined();
    expect(log.term(index(2))).toBe(1);
    expect(log.term(index(1))).toBeUndefined();
    expect(log.term(index(9))).toBeUndefined();
    expect(log.firstIndex()).toBe(3);
  });

  test("finds the first entry that differs", () => {
    const log = logWith([1, 1, 2], [2]);
    expect(log.conflict(entries(2, 1, 2))).toBeUndefined();
    expect(log.conflict(entries(3, 3))).toEqual({ index: 3, existingTerm: 2 });
    expect(log.conflict(entries(4, 2, 2))).toEqual({ index: 5, existingTerm: undefined });
  });

  test("goes back to a term that can match", () => {
    const log = logWith([1, 1, 4, 4], [5]);
    expect(log.conflictByTerm(index(5), term(3))).toEqual({ index: 2, term: 1 });
    expect(log.conflictByTerm(index(5), term(4))).toEqual({ index: 4, term: 4 });
    expect(log.conflictByTerm(index(5), term(0))).toEqual({ index: 0, term: 0 });
  });

  test("up to date: the higher last term wins, then the longer log", () => {
    const log = logWith([1, 2], []);
    const at = (i: number, t: number): boolean =>
      log.isUpToDate({ index: index(i), term: term(t) });
    expect([at(2, 2), at(3, 2), at(1, 3), at(1, 2), at(9, 1)]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test("hands out committed entries that are durable, page by page", () => {
    const log = logWith([1, 1, 1], [1, 1]);
    log.commit = index(5);
    expect(log.nextCommitted(false)).toHaveLength(3);
    expect(log.nextCommitted(true)).toHaveLength(5);
    log.acceptApplying(log.nextCommitted(false).slice(0, 1), false);
    expect(log.hasNextCommitted(false)).toBe(false);
    log.appliedTo(index(1), 26);
    expect(log.nextCommitted(false).map((each) => each.index)).toEqual([2, 3]);
    expect(() => {
      log.appliedTo(index(6), 0);
    }).toThrow("applied 6");
  });

  test("a committed entry is never replaced", () => {
    const log = logWith([1, 1], []);
    log.commit = index(2);
    expect(() => {
      log.assertUncommitted(index(2));
    }).toThrow("conflicts");
  });
});

describe("memory log", () => {
  test("appends, truncates, compacts, installs", () => {
    const log = new MemoryLog();
    log.append(entries(1, 1, 1, 1), { term: term(1), vote: noPeer, commit: index(1) });
    log.append(entries(2, 2));
    expect(log.lastIndex()).toBe(2);
    expect(log.term(index(2))).toBe(2);
    expect(() => {
      log.append(entries(9, 2));
    }).toThrow("a gap");
    const snapshot = { index: index(2), term: term(2), membership: membershipOf([1]) };
    log.compact(snapshot, index(2));
    expect([log.firstIndex(), log.lastIndex(), log.snapshot().index]).toEqual([2, 2, 2]);
    expect(log.entries(index(1), index(2), 1e6)).toBeUndefined();
    log.install({ ...snapshot, index: 40 as Index, term: term(7) });
    expect([log.firstIndex(), log.lastIndex(), log.term(index(40))]).toEqual([41, 40, 7]);
  });
});
