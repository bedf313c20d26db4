// The server as a process of its own: what its parent hears of it, and how it ends when it cannot begin.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Place, type Started, until } from "./support.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.end());

describe("signs of life", () => {
  const alive = ({ heard }: Started): unknown[] =>
    heard.filter(({ kind }) => kind === "alive").map(({ debugged }) => debugged);

  test("come again and again once the server works, and say when a debugger may halt it", async () => {
    const plain = place.spawn("one", [], { ipc: true });
    const debugged = place.spawn("two", [], { ipc: true, node: ["--inspect=0"] });
    for (const started of [plain, debugged])
      await until("it is alive", () => alive(started).length >= 2);
    expect(new Set(alive(plain))).toEqual(new Set([false]));
    expect(new Set(alive(debugged))).toEqual(new Set([true]));
    // The first sign begins the watch, so it must not come before the server works.
    const kinds = plain.heard.map(({ kind }) => kind);
    expect(kinds.indexOf("settings")).toBeLessThan(kinds.indexOf("alive"));
  });
});

describe("a data directory that cannot be", () => {
  const cases: readonly [string, () => string, string][] = [
    ["below /proc", () => "/proc/quorate-test/data", "QUORATE_STORAGE_OPEN_FAILED"],
    [
      "a file",
      () => {
        writeFileSync(join(place.directory, "file"), "x");
        return join(place.directory, "file");
      },
      "QUORATE_STORAGE_OPEN_FAILED",
    ],
    [
      "below a file",
      () => {
        writeFileSync(join(place.directory, "file"), "x");
        return join(place.directory, "file", "below", "it");
      },
      "QUORATE_STORAGE_OPEN_FAILED",
    ],
  ];

  test.each(cases)("%s ends the start with one coded line", async (_what, make, code) => {
    const { exit, lines } = place.spawn("one", ["--data", make()]);
    expect(await exit).toBe(1);
    expect(lines).toMatchObject([{ level: "error", code }]);
  });

  const isRoot = process.getuid?.() === 0;
  const reason = isRoot ? " (skipped: root may write everywhere)" : "";
  test.skipIf(isRoot)(`that this user may not write to ends the start${reason}`, async () => {
    const directory = join(place.directory, "closed");
    mkdirSync(directory);
    chmodSync(directory, 0o500);
    const { exit, lines } = place.spawn("one", ["--data", directory]);
    expect(await exit).toBe(1);
    expect(lines).toMatchObject([{ level: "error", code: "QUORATE_STORAGE_OPEN_FAILED" }]);
  });

  test("whose parents are missing is made with them", async () => {
    const data = join(place.directory, "a", "b", "c");
    const { child, lines, exit } = place.spawn("one", ["--data", data]);
    await until("it works", () => lines.some(({ msg }) => msg === "server started"));
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
  });
});
