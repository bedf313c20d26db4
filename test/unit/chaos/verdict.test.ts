// The final checks must be able to fail: each is fed what it exists to find.
import { describe, expect, test } from "vitest";
import { differences } from "../../chaos/convergence.ts";
import { History, type KvOperation } from "../../chaos/history.ts";
import { availabilityOf, judgeHistory, recoveriesMs } from "../../chaos/verdict.ts";

const none = { kind: "none" } as const;
const row = (value: string, revision: number, version: number) =>
  ({ kind: "row", value, createdRevision: 10, modifiedRevision: revision, version }) as const;

/** Three writes of a key, read in between and at the end. One tick is one millisecond. */
function goodHistory(): History {
  let nowMs = 0;
  const history = new History(() => ++nowMs);
  const put = (client: string, value: string, revision: number): void => {
    const call = history.called(client, "k", { kind: "put", value, condition: none });
    call.answered({ kind: "put", revision, version: (revision - 10) / 10 + 1 });
  };
  put("a", "a-1", 10);
  put("b", "b-1", 20);
  history.called("a", "k", { kind: "get" }).answered(row("b-1", 20, 2));
  history.called("c", "k", { kind: "put", value: "c-1", condition: none });
  put("a", "a-2", 30);
  history.called("b", "k", { kind: "get" }).hadNoEffect();
  history.called("end", "k", { kind: "get" }).answered(row("a-2", 30, 3));
  return history;
}

const doctored = (change: (operations: KvOperation[]) => KvOperation[]): KvOperation[] =>
  change(goodHistory().operations());

describe("the history", () => {
  test("of a correct run passes, with a write of unknown outcome in it", () => {
    expect(judgeHistory(goodHistory().operations())).toEqual({
      verdict: "linearizable",
      failures: [],
    });
  });

  test("with a stale read fails, and says where", () => {
    const stale = doctored((operations) =>
      operations.map((operation) =>
        operation.client === "end" ? { ...operation, output: row("b-1", 20, 2) } : operation,
      ),
    );
    const { verdict, failures } = judgeHistory(stale);
    expect(verdict).toBe("not-linearizable");
    expect(failures[0]).toContain('get -> row value "b-1"');
  });

  test("with an acknowledged write that is lost fails", () => {
    const lost = doctored((operations) =>
      operations.map((operation) =>
        operation.client === "end" ? { ...operation, output: { kind: "absent" } } : operation,
      ),
    );
    expect(judgeHistory(lost).verdict).toBe("not-linearizable");
  });

  test("with a write that was done twice fails", () => {
    const twice = doctored((operations) =>
      operations.map((operation) =>
        operation.client === "end" ? { ...operation, output: row("a-2", 40, 5) } : operation,
      ),
    );
    expect(judgeHistory(twice).verdict).toBe("not-linearizable");
  });

  test("with a write that took effect although the client was told that nothing was done fails", () => {
    let nowMs = 0;
    const history = new History(() => ++nowMs);
    history.called("a", "k", { kind: "put", value: "a-1", condition: none }).hadNoEffect();
    history.called("b", "k", { kind: "get" }).answered(row("a-1", 10, 1));
    expect(judgeHistory(history.operations()).verdict).toBe("not-linearizable");
  });

  test("is counted by outcome", () => {
    expect(goodHistory().counts()).toEqual({ ok: 5, failed: 1, unknown: 1 });
    expect(goodHistory().keys()).toEqual(["k"]);
    expect(goodHistory().acknowledged()).toHaveLength(3);
  });
});

describe("copies", () => {
  test("that are equal have no differences", () => {
    expect(
      differences(
        new Map([
          ["s1", ["a", "b"]],
          ["s2", ["b", "a"]],
        ]),
      ),
    ).toEqual([]);
  });

  test("that lack a row, have one too many, or were not read at all are told", () => {
    expect(
      differences(
        new Map([
          ["s1", ["a"]],
          ["s2", []],
        ]),
      ),
    ).toEqual(["s2 lacks a of s1"]);
    expect(
      differences(
        new Map([
          ["s1", []],
          ["s2", ["a"]],
        ]),
      ),
    ).toEqual(["s2 has a, not s1"]);
    expect(differences(new Map())).toEqual(["there is no copy to compare"]);
  });
});

describe("availability", () => {
  const at = (calledAt: number, returnedAt: number) => ({ calledAt, returnedAt });

  test("is the share of seconds with an acknowledged write, and the longest gap", () => {
    const writes = [at(100, 200), at(2900, 3500), at(3600, 3900)];
    expect(availabilityOf(writes, 4000)).toEqual({
      secondsWithWritesPercent: 50,
      longestGapMs: 3300,
      longestGapAtMs: 200,
    });
    expect(availabilityOf([], 4000)).toEqual({
      secondsWithWritesPercent: 0,
      longestGapMs: 4000,
      longestGapAtMs: 0,
    });
  });

  test("recovers with a write that was asked for after the fault", () => {
    expect(recoveriesMs([1000, 5000], [at(900, 1100), at(1200, 1700)])).toEqual([700, undefined]);
  });
});
