import { beforeEach, describe, expect, test } from "vitest";
import { type LogFields, silentLogger } from "../../../../src/base/logger.ts";
import type { HttpCall } from "../../../../src/runner/sentinel/http-door.ts";
import { Lease } from "../../../../src/runner/sentinel/lease.ts";
import type { RenewAnswer, RenewRequest } from "../../../../src/runner/sentinel/protocol.ts";
import { Renewer } from "../../../../src/runner/sentinel/renewer.ts";
import { ManualClock } from "../manual-clock.ts";

interface Call extends HttpCall {
  readonly atMs: number;
  answer(value: unknown): void;
  fail(): void;
}

let clock: ManualClock;
let calls: Call[];
let renewer: Renewer;
let lease: Lease;
let ended: number;
let registered: number[];
let logged: (readonly [level: string, atMs: number])[];
const yes: RenewAnswer = { alive: true, confirmed: [], term: 1, servers: [] };
const counterOf = (call: Call | undefined): number =>
  (JSON.parse(call!.body) as RenewRequest).counter;

beforeEach(() => {
  clock = new ManualClock();
  calls = [];
  registered = [];
  logged = [];
  const log =
    (level: string) =>
    (_fields: LogFields, message: string): void => {
      if (message === "cannot register") logged.push([level, clock.nowMs()]);
    };
  ended = 0;
  lease = new Lease({ leaseMs: 3000, killBoundMs: 100 });
  renewer = new Renewer({
    clock,
    logger: { ...silentLogger, info: log("info"), warn: log("warn") },
    post: (call) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error("refused"));
        calls.push({ ...call, atMs: clock.nowMs(), answer: resolve, fail });
      }),
    events: {
      content: () => ({ running: [], released: [], sealed: false }),
      registered: (session) => registered.push(session),
      renewed: () => undefined,
      ended: () => (ended += 1),
    },
  });
  renewer.setServers(["a:1", "b:1", "c:1"]);
});

describe("renewals", () => {
  test("every L/3 from the sending, to each server in turn", async () => {
    renewer.hold(7, "00", lease);
    for (let round = 0; round < 4; round += 1) {
      await clock.advance(round === 0 ? 0 : 980);
      calls.at(-1)?.answer(yes);
      await clock.advance(20);
    }
    expect(calls.map((c) => c.server)).toEqual(["a:1", "b:1", "c:1", "a:1"]);
    expect(calls.map((c) => c.atMs)).toEqual([1000, 2000, 3000, 4000]);
    expect(calls.map((c) => c.path)).toEqual(Array(4).fill("/v1/sentinel/renew"));
  });

  test("without an answer again after 150 ms, elsewhere, with a higher counter; the late answer still counts", async () => {
    renewer.hold(7, "00", lease);
    await clock.advance(310);
    expect(calls.map((c) => [c.server, c.atMs, counterOf(c)])).toEqual([
      ["a:1", 1000, 1],
      ["b:1", 1150, 2],
      ["c:1", 1300, 3],
    ]);
    calls[0]?.answer(yes);
    await clock.advance(0);
    expect(lease.holds(clock.nowMs())).toBe(true);
    expect(lease.deadlineMs).toBe(1000 + 2840);
  });

  test("a refused connection does not wait for the resend, and all refused ones do not spin", async () => {
    renewer.hold(7, "00", lease);
    await clock.advance(0);
    for (let turn = 0; turn < 5; turn += 1) {
      calls.at(-1)?.fail();
      await clock.advance(0);
    }
    expect(calls.map((c) => [c.server, c.atMs])).toEqual([
      ["a:1", 1000],
      ["b:1", 1000],
      ["c:1", 1000],
    ]);
    await clock.advance(150);
    expect(calls).toHaveLength(4);
  });

  test("no more than 16 under way", async () => {
    renewer.hold(7, "00", lease);
    await clock.advance(10_000);
    expect(calls).toHaveLength(16);
  });

  test("several reasons in one turn make one renewal, with the newest content", async () => {
    renewer.hold(7, "00", lease);
    await clock.advance(0);
    calls[0]?.answer(yes);
    await clock.advance(10);
    renewer.renewNow();
    renewer.renewNow();
    await clock.advance(0);
    expect(calls).toHaveLength(2);
  });

  test("answers of a session that was left are ignored", async () => {
    renewer.hold(7, "00", lease);
    await clock.advance(0);
    renewer.stop();
    calls[0]?.answer({ ...yes, alive: false });
    await clock.advance(500);
    expect(ended).toBe(0);
    expect(calls).toHaveLength(1);
  });

  test("not alive is told; an answer of the wrong shape is none", async () => {
    renewer.hold(7, "00", lease);
    await clock.advance(0);
    calls[0]?.answer({ alive: "yes" });
    await clock.advance(0);
    expect(lease.isRenewed).toBe(false);
    calls[1]?.answer({ ...yes, alive: false });
    await clock.advance(0);
    expect(ended).toBe(1);
  });
});

test("a registration that does not succeed is told once at info and then at most once per 5 s", async () => {
  const request = { serverId: "s", incarnation: "i", leaseMs: 3000, key: "00", capacity: 1 };
  renewer.setServers(["a:1"]);
  renewer.register(request);
  while (clock.nowMs() < 13_000) {
    await clock.advance(250);
    calls.at(-1)?.fail();
    await clock.advance(0);
  }
  expect(calls.length).toBeGreaterThan(40);
  expect(logged).toEqual([
    ["info", 1250],
    ["warn", 6250],
    ["warn", 11_250],
  ]);
});

test("registration goes round the servers until one answers", async () => {
  const request = { serverId: "s", incarnation: "i", leaseMs: 3000, key: "00", capacity: 1 };
  renewer.register(request);
  for (let turn = 0; turn < 3; turn += 1) {
    await clock.advance(0);
    calls.at(-1)?.fail();
  }
  await clock.advance(249);
  expect(calls).toHaveLength(3);
  await clock.advance(1);
  calls.at(-1)?.answer({ session: 42 });
  await clock.advance(0);
  expect(registered).toEqual([42]);
  expect(calls.map((c) => c.server)).toEqual(["a:1", "b:1", "c:1", "a:1"]);
});
