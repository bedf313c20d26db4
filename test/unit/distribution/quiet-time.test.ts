import { beforeEach, expect, test } from "vitest";
import { QuietTime } from "../../../src/distribution/quiet-time.ts";

const holdMs = 1000;
let quiet: QuietTime;

beforeEach(() => {
  quiet = new QuietTime({ holdMs });
  quiet.begin(0);
  quiet.notice({ servers: "s1:8 s2:8", jobs: 4, slots: 4 }, 0);
});

const scene = { servers: "s1:8 s2:8", jobs: 4, slots: 4 };

test("a surplus waits for the hold after the last change of servers or jobs", () => {
  expect(quiet.waitMs(0)).toBe(1000);
  quiet.notice({ ...scene, jobs: 5, slots: 5 }, 600);
  expect(quiet.waitMs(900)).toBe(700);
  quiet.notice({ ...scene, jobs: 5, slots: 7 }, 900);
  expect(quiet.waitMs(1000)).toBe(900);
  quiet.notice({ ...scene, servers: "s1:8", jobs: 5, slots: 7 }, 1200);
  expect(quiet.waitMs(1200)).toBe(1000);
  quiet.notice({ ...scene, servers: "s1:8", jobs: 5, slots: 7 }, 2200);
  expect(quiet.waitMs(2200)).toBe(0);
});

test("jobs that never rest put a surplus off ten holds at most, and the next one anew", () => {
  let movedMs = 0;
  for (let nowMs = 100; movedMs === 0; nowMs += 100) {
    quiet.notice({ ...scene, jobs: 4 + (nowMs % 200) }, nowMs);
    if (quiet.waitMs(nowMs) === 0) movedMs = nowMs;
  }
  expect(movedMs).toBe(100 + 10 * holdMs);
  quiet.balanced();
  quiet.notice({ ...scene, jobs: 9 }, movedMs);
  expect(quiet.waitMs(movedMs)).toBe(holdMs);
});

test("servers that never rest put it off as long as they do not", () => {
  for (let nowMs = 100; nowMs < 20 * holdMs; nowMs += 100) {
    quiet.notice({ ...scene, servers: `s1:${String(nowMs)}` }, nowMs);
    expect(quiet.waitMs(nowMs)).toBe(holdMs);
  }
});

test("a new leader waits from its beginning", () => {
  quiet.begin(5000);
  quiet.notice(scene, 5100);
  expect(quiet.waitMs(5600)).toBe(500);
});
