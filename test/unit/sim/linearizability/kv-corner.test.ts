import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../sim/checkers/linearizability/model.ts";
import {
  type KvCondition,
  type KvInput,
  type KvOutput,
  kvCornerModel,
} from "../../../sim/checkers/linearizability/models/kv-corner.ts";
import { isLinearizable } from "./brute-force.ts";
import { at, verdictOf } from "./histories.ts";
import { doctoredHistory, nothingStored, stepsOf, trueHistory } from "./kv-store.ts";

type Op = Operation<KvInput, KvOutput>;

const runs = 3_000;
/** Above all that five writes with gaps of two can reach, and the doctored ones with them. */
const revisionMax = 18;

const kindOf = (operations: readonly Op[]): string => verdictOf(kvCornerModel, operations).kind;

describe("random histories", () => {
  test("what happened is linearizable, whatever answers were lost", () => {
    fc.assert(
      fc.property(trueHistory, (operations) => {
        expect(kindOf(operations)).toBe("linearizable");
      }),
      { numRuns: runs },
    );
  });

  test("a doctored answer is judged as the definition judges it", () => {
    const counts = { yes: 0, no: 0 };
    const steps = stepsOf(revisionMax);
    fc.assert(
      fc.property(doctoredHistory, (operations) => {
        const byDefinition = isLinearizable(operations, nothingStored, steps);
        counts[byDefinition ? "yes" : "no"] += 1;
        expect(kindOf(operations)).toBe(byDefinition ? "linearizable" : "not-linearizable");
      }),
      { numRuns: runs },
    );
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(runs / 20);
  });
});

describe("revisions", () => {
  const none: KvCondition = { kind: "none" };
  const op = (input: KvInput, output: KvOutput | undefined, calledAt: number): Op =>
    at(calledAt, calledAt + 1)(input, output);
  const put = (value: string, revision: number, version: number, calledAt: number): Op =>
    op({ kind: "put", value, condition: none }, { kind: "put", revision, version }, calledAt);
  const lostPut = (value: string, calledAt: number): Op =>
    op({ kind: "put", value, condition: none }, undefined, calledAt);
  const row = (value: string, [created, modified, version]: number[], calledAt: number): Op =>
    op(
      { kind: "get" },
      {
        kind: "row",
        value,
        createdRevision: created ?? 0,
        modifiedRevision: modified ?? 0,
        version: version ?? 0,
      },
      calledAt,
    );
  const remove = (revision: number, existed: boolean, calledAt: number): Op =>
    op({ kind: "delete", condition: none }, { kind: "deleted", revision, existed }, calledAt);

  /** There is a row of unknown revision; it is not this one, and then it is. */
  const refusedThenSeen = (revision: number): Op[] => [
    lostPut("a", 0),
    op({ kind: "put", value: "b", condition: { kind: "absent" } }, { kind: "refused" }, 2),
    op({ kind: "delete", condition: { kind: "revision", revision } }, { kind: "refused" }, 4),
    row("a", [revision, revision, 1], 6),
  ];

  test.each<[string, Op[]]>([
    ["grow by any amount", [put("a", 3, 1, 0), put("b", 9, 2, 2), row("b", [3, 9, 2], 4)]],
    ["start again after a delete", [put("a", 3, 1, 0), remove(4, true, 2), put("b", 5, 1, 4)]],
    ["of a lost answer are learned", [lostPut("a", 0), row("a", [7, 7, 1], 2), put("b", 8, 2, 4)]],
    ["of a lost answer fit between", [put("a", 3, 1, 0), lostPut("b", 2), put("c", 5, 3, 4)]],
    [
      "rule each other out: the lost write had not the revision that was refused, but the next",
      [
        lostPut("a", 0),
        op(
          { kind: "delete", condition: { kind: "revision", revision: 1 } },
          { kind: "refused" },
          2,
        ),
        row("a", [2, 2, 1], 4),
      ],
    ],
  ])("%s", (_, operations) => {
    expect(kindOf(operations)).toBe("linearizable");
  });

  test.each<[string, Op[]]>([
    ["never fall", [put("a", 3, 1, 0), put("b", 2, 2, 2)]],
    ["never fall across a delete", [put("a", 3, 1, 0), remove(6, true, 2), put("b", 5, 1, 4)]],
    ["leave no room for a lost write", [put("a", 3, 1, 0), lostPut("b", 2), put("c", 4, 3, 4)]],
    [
      "of one row are the same for all",
      [lostPut("a", 0), row("a", [7, 7, 1], 2), row("a", [8, 8, 1], 4)],
    ],
    ["do not hide a missing write: the version tells", [put("a", 3, 1, 0), put("b", 5, 3, 2)]],
    ["do not hide a deleted row", [put("a", 3, 1, 0), remove(4, true, 2), row("a", [3, 3, 1], 4)]],
    ["that were refused are not there", refusedThenSeen(2)],
    ["that were refused are not there, the first one neither", refusedThenSeen(1)],
    [
      "of the creation come before those of later writes",
      [lostPut("a", 0), put("b", 5, 2, 2), row("b", [5, 5, 2], 4)],
    ],
    [
      "let one of two writers with one condition win",
      [
        put("a", 1, 1, 0),
        ...["b", "c"].map((value, n) =>
          op(
            { kind: "put", value, condition: { kind: "revision", revision: 1 } },
            { kind: "put", revision: 2 + n, version: 2 + n },
            2,
          ),
        ),
      ],
    ],
  ])("%s", (_, operations) => {
    expect(kindOf(operations)).toBe("not-linearizable");
  });
});
