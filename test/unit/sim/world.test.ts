// What ends a run beside its checkers: time that does not pass, and a second run that is another one.
import { describe, expect, test } from "vitest";
import { loadHash64 } from "../../../src/server/system/hash.ts";
import { brokenProgram, checkerOf } from "../../sim/outcome.ts";
import { planOf } from "../../sim/plan.ts";
import { compareRuns, runOnce } from "../../sim/run-seed.ts";
import { BrokenPromise, World } from "../../sim/world.ts";

describe("a simulated world", () => {
  test("in which no time passes any more is reported", async () => {
    const world = new World(planOf({ seed: 1, safetyMs: 0 }), { hash: await loadHash64() });
    const again = (): void => {
      world.schedule.after(0, undefined, again);
    };
    again();
    const thrown = await world.run(1).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(BrokenPromise);
    expect((thrown as BrokenPromise).violation.checker).toBe("livelock");
  });

  test("ends with the first violation", async () => {
    const world = new World(planOf({ seed: 1, safetyMs: 0 }), { hash: await loadHash64() });
    world.report({ checker: "first", detail: "" });
    world.report({ checker: "second", detail: "" });
    await expect(world.run(1)).rejects.toMatchObject({ violation: { checker: "first" } });
  });
});

describe("two runs of a seed", () => {
  test("must be the same in every event", async () => {
    const modules = { hash: await loadHash64() };
    const first = await runOnce({ seed: 3, servers: 3, safetyMs: 300 }, modules);
    const second = await runOnce({ seed: 3, servers: 3, safetyMs: 300 }, modules);
    expect(compareRuns(first, second)).toBe(first);
    const other = compareRuns(first, { ...second, hash: "0" });
    expect(other).toMatchObject({ ok: false, failure: { checker: "determinism" } });
    const longer = compareRuns(first, { ...second, events: second.events + 1 });
    expect(longer.failure?.checker).toBe("determinism");
  });
});

describe("a thrown value", () => {
  test("is a defect of the product, or of a program that nobody can have meant", () => {
    expect(checkerOf(new Error("an assertion"))).toBe("no-defects");
    expect(checkerOf(new TypeError("of undefined"))).toBe("no-defects");
    expect(checkerOf(new ReferenceError("x is not defined"))).toBe(brokenProgram);
    expect(checkerOf(new SyntaxError("unexpected"))).toBe(brokenProgram);
  });
});
