import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { keptMark, sweepDirectories } from "../../chaos/network/sweep.ts";
import { readArguments } from "../../chaos/options.ts";
import { isLiving, nameOf, ownerOf, ownRunId } from "../../chaos/run-id.ts";

const read = (...words: string[]) => readArguments(words, () => 42);

describe("the command line", () => {
  test("has defaults for everything", () => {
    expect(read()).toEqual({
      minutes: 2,
      seed: 42,
      servers: 3,
      hasNetwork: true,
      keep: false,
      json: undefined,
    });
  });

  test("is read", () => {
    expect(
      read(
        "--minutes",
        "0.5",
        "--seed",
        "7",
        "--servers",
        "5",
        "--loopback",
        "--keep",
        "--json",
        "f",
      ),
    ).toEqual({
      ...{ minutes: 0.5, seed: 7, servers: 5, hasNetwork: false, keep: true, json: "f" },
    });
  });

  test.each([
    ["--minutes", "0"],
    ["--minutes", "x"],
    ["--seed", "-1"],
    ["--seed=1.5"],
    ["--servers", "4"],
    ["--unheard-of"],
    ["word"],
  ])("refuses %s %s", (...words) => {
    expect(() => read(...words)).toThrow(
      expect.objectContaining({ code: "QUORATE_CHAOS_BAD_OPTION" }),
    );
  });
});

describe("the names of what a run leaves behind", () => {
  test("tell the owner, and whether it lives", () => {
    const own = ownRunId();
    expect(ownerOf(`${nameOf(own)}-s1`)).toEqual(own);
    expect(isLiving(own)).toBe(true);
    expect(isLiving({ ...own, startedAt: "1" })).toBe(false);
    expect(nameOf(own).length + "-hub".length).toBeLessThan(64);
  });

  test("of others are nobody's", () => {
    expect(["quorate-x", "qchaos-1", "qchaos-1-2x", "my-qchaos-1-2"].map(ownerOf)).toEqual(
      Array(4).fill(undefined),
    );
  });
});

test("directories of dead owners are swept, but for those that are kept", () => {
  const root = mkdtempSync(join(tmpdir(), "sweep-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const own = `${nameOf(ownRunId())}-1`;
  const dead = nameOf({ pid: process.pid, startedAt: "1" });
  for (const name of [own, `${dead}-1`, `${dead}-2`, "foreign"]) mkdirSync(join(root, name));
  writeFileSync(join(root, `${dead}-2`, keptMark), "");
  expect(sweepDirectories(root)).toEqual([join(root, `${dead}-1`)]);
  expect(readdirSync(root).sort()).toEqual(["foreign", own, `${dead}-2`].sort());
});
