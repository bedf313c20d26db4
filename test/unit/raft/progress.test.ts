import { describe, expect, test } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import { Inflights } from "../../../src/raft/inflights.ts";
import { Progress } from "../../../src/raft/progress.ts";

const limits = { messages: 3, bytes: 100 };

function progressAt(next: number): Progress {
  return new Progress({ next: index(next), learner: false, progressId: 1, limits });
}

describe("inflights", () => {
  test("full by messages, freed from the front, grows around its end", () => {
    const inflights = new Inflights({ messages: 10, bytes: 1000 });
    for (let i = 1; i <= 6; i += 1) inflights.add(index(i), 1);
    inflights.freeTo(index(4));
    for (let i = 7; i <= 14; i += 1) inflights.add(index(i), 1);
    expect(inflights.count).toBe(10);
    expect(inflights.full).toBe(true);
    inflights.freeTo(index(13));
    expect(inflights).toMatchObject({ count: 1, bytes: 1, full: false });
    inflights.freeTo(index(20));
    expect(inflights.count).toBe(0);
  });

  test("full by bytes; one message may exceed the limit", () => {
    const inflights = new Inflights(limits);
    inflights.add(index(1), 500);
    expect(inflights.full).toBe(true);
    expect(() => {
      inflights.add(index(2), 1);
    }).toThrow("full window");
    inflights.reset();
    expect(inflights).toMatchObject({ count: 0, bytes: 0, full: false });
  });
});

describe("progress", () => {
  test("a probe sends one append and waits", () => {
    const progress = progressAt(5);
    progress.sent(2, 10, index(3));
    expect(progress).toMatchObject({ paused: true, next: 5 });
    progress.resume();
    expect(progress.paused).toBe(false);
  });

  test("streaming runs ahead until the window is full", () => {
    const progress = progressAt(5);
    progress.becomeReplicate();
    for (let i = 0; i < 3; i += 1) progress.sent(2, 10, index(1));
    expect(progress).toMatchObject({ next: 7, paused: true });
    expect(progress.advance(index(2))).toBe(true);
    progress.inflights.freeTo(index(2));
    expect(progress).toMatchObject({ match: 2, paused: false });
    expect(progress.inflights.count).toBe(2);
  });

  test("stale answers change nothing", () => {
    const progress = progressAt(5);
    progress.becomeReplicate();
    progress.advance(index(4));
    expect(progress.advance(index(4))).toBe(false);
    expect(progress.advance(index(3))).toBe(false);
    expect(progress.retreat(index(4), index(2))).toBe(false);
    expect(progress.retreat(index(5), index(2))).toBe(true);
    expect(progress.next).toBe(5);
    progress.becomeProbe();
    expect(progress.retreat(index(7), index(2))).toBe(false);
  });

  test("a refused probe goes back to the hint, never below the match", () => {
    const progress = progressAt(10);
    expect(progress.retreat(index(9), index(4))).toBe(true);
    expect(progress.next).toBe(5);
    expect(progress.retreat(index(4), index(9))).toBe(true);
    expect(progress.next).toBe(4);
    progress.advance(index(3));
    expect(progress.retreat(index(3), index(0))).toBe(true);
    expect(progress.next).toBe(4);
  });

  test("after a snapshot the probe starts behind it, after a failed one behind the match", () => {
    const progress = progressAt(5);
    progress.advance(index(4));
    progress.becomeSnapshot(index(20));
    expect(progress).toMatchObject({ paused: true, next: 21, pendingSnapshot: 20 });
    progress.becomeProbe();
    expect(progress).toMatchObject({ next: 21, pendingSnapshot: 0, state: "probe" });
    progress.becomeSnapshot(index(30));
    progress.snapshotFailed();
    expect(progress).toMatchObject({ next: 5, pendingSnapshot: 0 });
    progress.becomeSnapshot(index(30));
    expect(() => {
      progress.sent(1, 1, index(1));
    }).toThrow("waits for a snapshot");
  });

  test("a commit index is worth telling only if the peer could use it", () => {
    const progress = progressAt(5);
    progress.becomeReplicate();
    progress.advance(index(6));
    progress.sent(0, 0, index(4));
    expect(progress.canBumpCommit(index(4))).toBe(false);
    expect(progress.canBumpCommit(index(6))).toBe(true);
    progress.sentCommit(index(6));
    expect(progress.canBumpCommit(index(9))).toBe(false);
  });
});
