import { describe, expect, test } from "vitest";
import { type Mutation, mutated } from "./mutations/mutation.ts";
import { assertFits, mutationLine, runMutations, verdictOf } from "./mutations/run.ts";
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
    expect(result).toMatchObject({ verdict: "caught", caughtBy: "durable-promises", seeds: 1 });
  });

  test("what is no bug is not caught, and said so", { timeout: 120_000 }, async () => {
    const [result] = await runMutations([harmless], quick);
    expect(result).toMatchObject({ verdict: "missed", caughtBy: "", seeds: 2 });
    expect(mutationLine(result!)).toContain("NOT CAUGHT");
  });

  test("one that cannot be read is refused before anything is played", () => {
    const unreadable = { ...harmless, replace: "core.vote = (vote;" };
    expect(() => {
      assertFits([unreadable]);
    }).toThrow(expect.objectContaining({ code: "QUORATE_SIM_MUTATION_MISFITS" }) as Error);
  });

  test.each([
    ["when it is imported", { find: "/** Throws", replace: "throw new Error('no');\n/** Throws" }],
    ["with the first server", { replace: "throw new Error('no');" }],
    ["because it names what is not there", { replace: "core.vote = nobody;" }],
  ])("one that breaks the program %s counts as broken", { timeout: 120_000 }, async (...given) => {
    const [result] = await runMutations([{ ...harmless, ...given[1] }], quick);
    expect(result).toMatchObject({ verdict: "broken", caughtBy: "" });
    expect(mutationLine(result!)).toContain("BROKEN PROGRAM");
  });

  test("an assertion of the product that fires later is a catch", () => {
    const failure = { checker: "no-defects", detail: "s1 gave up: an assertion" };
    const seed = { ok: false, failure, elections: 2 };
    const report = { seeds: [seed] } as unknown as Parameters<typeof verdictOf>[0];
    expect(verdictOf(report, "")).toMatchObject({ verdict: "caught", caughtBy: "no-defects" });
    const early = { seeds: [{ ...seed, elections: 0 }] } as unknown as typeof report;
    expect(verdictOf(early, "")).toMatchObject({ verdict: "broken", caughtBy: "" });
  });
});
