import { describe, expect, test } from "vitest";
import { readOptions } from "../../sim/options.ts";

describe("the simulator's command line", () => {
  test("one seed, several, or a time", () => {
    expect(readOptions(["--seed", "9"])).toMatchObject({ from: 9, seeds: 1, seconds: 30 });
    expect(readOptions(["--seeds", "4", "--from", "7"])).toMatchObject({ from: 7, seeds: 4 });
    expect(readOptions(["--minutes", "0.5"])?.seeds).toBeGreaterThan(1_000_000);
    expect(readOptions([])).toMatchObject({ from: 1, seeds: 1, servers: undefined });
  });

  test("mutations, all or one", () => {
    expect(readOptions([])).toMatchObject({ mutations: false, mutation: undefined });
    expect(readOptions(["--mutations"])).toMatchObject({ mutations: true, mutation: undefined });
    expect(readOptions(["--mutation", "x"])).toMatchObject({ mutations: true, mutation: "x" });
  });

  test.each([
    ["--seed", "x"],
    ["--seed", "-1"],
    ["--seeds", "0"],
    ["--servers", "4"],
    ["--minutes", "0"],
    ["--nonsense"],
    ["word"],
    ["--seed", "1", "--seeds", "2"],
  ])("refuses %s %s with a code", (...words) => {
    expect(() => readOptions(words)).toThrow(
      expect.objectContaining({ code: "QUORATE_SIM_BAD_OPTION" }) as Error,
    );
  });
});
