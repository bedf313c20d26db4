import { describe, expect, test } from "vitest";
import { type Mutation, mutated } from "./mutations/mutation.ts";
import { assertFits, mutationLine, runMutations } from "./mutations/run.ts";
import { mutations } from "./mutations/table.ts";

const quick = { seedsMax: 2, from: 1, seconds: 3, print: () => undefined };

const harmless: Mutation = {
  name: "nothing-changed",
  source: "this test",
  file: "src/raft/boot.ts",
  find: "core.vote = vote;",
  replace: "core.vote = vote; // as before",
};

describe("mutations", () => {
  test("every one of the table fits the source, once", () => {
    assertFits(mutations);
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
  });

  test("one that stands twice or not at all does not fit", () => {
    expect(mutated("abab", { ...harmless, find: "ab" })).toBeUndefined();
    expect(mutated("ab", { ...harmless, find: "x" })).toBeUndefined();
    expect(mutated("xaby", { ...harmless, find: "ab", replace: "-" })).toBe("x-y");
    expect(() => {
      assertFits([{ ...harmless, find: "no such text" }]);
    }).toThrow(expect.objectContaining({ code: "QUORATE_SIM_MUTATION_MISFITS" }) as Error);
  });

  test("a known bug is caught", { timeout: 120_000 }, async () => {
    const bug = mutations.find(({ name }) => name === "append-acknowledged-before-it-is-durable")!;
    const [result] = await runMutations([bug], quick);
    expect(result).toMatchObject({ caughtBy: "durable-promises", seeds: 1 });
  });

  test("what is no bug is not caught, and said so", { timeout: 120_000 }, async () => {
    const [result] = await runMutations([harmless], quick);
    expect(result).toMatchObject({ caughtBy: "", seeds: 2 });
    expect(mutationLine(result!)).toContain("NOT CAUGHT");
  });
});
