import { describe, expect, test } from "vitest";
import { type Deeds, electionsWon, failuresIn } from "../../chaos/log-check.ts";
import { readLog } from "../../chaos/log-lines.ts";

const time = "2030-01-01T00:00:00.000Z";
const line = (fields: object): string => `${JSON.stringify({ level: "info", time, ...fields })}\n`;
const innocent: Deeds = { id: "s1", kills: 0, pausedMs: [], badStops: [] };
const ended = (exitCode: number): string =>
  line({ level: "warn", exitCode, msg: "server process ended; starting it again" });
const hang = line({ level: "error", msg: "server process hangs: killed" });
const found = (text: string, deeds: Partial<Deeds> = {}): string[] =>
  failuresIn(readLog(text), { ...innocent, ...deeds });

describe("the log of a server", () => {
  test("of a quiet life has nothing against it", () => {
    expect(found(line({ msg: "server process started" }))).toEqual([]);
  });

  test("with a server process that gave up is a failure", () => {
    const text = line({
      level: "error",
      code: "QUORATE_STORAGE_WRITE_FAILED",
      error: "EIO",
      msg: "server cannot go on",
    });
    expect(found(text)).toEqual(["s1: server cannot go on: QUORATE_STORAGE_WRITE_FAILED EIO"]);
    expect(found(ended(1))).toEqual(["s1: the server process ended by itself, code 1"]);
  });

  test("with a kill is as many failures as there were fewer kills", () => {
    expect(found(ended(128), { kills: 1 })).toEqual([]);
    expect(found(ended(128) + ended(128), { kills: 1 })).toEqual([
      "s1: 1 ends by a signal that this run did not send",
    ]);
  });

  test("with a hang is a failure unless the process was paused", () => {
    const from = Date.parse(time) - 1000;
    expect(found(hang + ended(128))).toEqual([
      "s1: the server process hung and was killed by its sentinel",
    ]);
    expect(found(hang + ended(128), { pausedMs: [{ from, to: from + 500 }] })).toEqual([]);
  });

  test("with an ordered stop that ended badly is a failure", () => {
    expect(found("", { badStops: [1] })).toEqual(["s1: an ordered stop ended with code 1"]);
  });

  test("may end in the middle of a line", () => {
    expect(found('{"level":"inf')).toEqual([]);
  });

  test("tells the elections that were won", () => {
    const changed = (role: string): string => line({ role, msg: "changed role or term" });
    expect(
      electionsWon(readLog(changed("candidate") + changed("leader") + changed("follower"))),
    ).toBe(1);
  });
});
