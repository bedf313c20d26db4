// The watch over the server process: real child processes, and time that moves only when the test says so.
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { aliveIntervalMs, aliveIntervalsMax } from "../../../../src/runner/sentinel/limits.ts";
import { isAlive, readStat } from "../../../../src/runner/sentinel/processes.ts";
import {
  ServerProcess,
  type ServerProcessEnd,
} from "../../../../src/runner/sentinel/server-process.ts";
import { ManualClock } from "../manual-clock.ts";

/** Says what it is told to say, and its own pid first. */
const child = `
  process.on("message", (order) => process.send(order.say, () => process.send({ kind: "said" })));
  process.send({ kind: "pid", pid: process.pid });
`;

let clock: ManualClock;
let server: ServerProcess;
let pids: number[];
let said: number;
let exits: ServerProcessEnd[];
let infos: string[];

beforeEach(() => {
  clock = new ManualClock();
  pids = [];
  said = 0;
  exits = [];
  infos = [];
  server = new ServerProcess(
    { command: [process.execPath, "-e", child], env: process.env },
    {
      clock,
      logger: { ...silentLogger, info: (_fields, text) => infos.push(text) },
      events: {
        message: (message: unknown) => {
          const { kind, pid } = message as { kind: string; pid: number };
          if (kind === "pid") pids.push(pid);
          else said += 1;
        },
        exited: (end) => {
          exits.push(end);
          return true;
        },
      },
    },
  );
  server.start();
});
afterEach(() => {
  const stopped = server.stop(0);
  return Promise.all([clock.advance(1), stopped]);
});

async function until(what: string, reached: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3000; turn += 1) {
    if (reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`not reached: ${what}`);
}

const isRunning = (pid: number): boolean => {
  const stat = readStat(pid);
  return stat !== undefined && isAlive(stat);
};

async function started(): Promise<number> {
  await until("the child runs", () => pids.length > 0);
  return pids.at(-1)!;
}

/** The child sends `message`; resolves when it was received. */
async function say(message: object): Promise<void> {
  const before = said;
  server.send({ say: message } as never);
  await until("it was said", () => said > before);
}

/** So many intervals pass, each a turn of this process. */
const silence = (intervals: number): Promise<void> => clock.advance(intervals * aliveIntervalMs);

test("a server process that falls silent is killed and started again", async () => {
  const pid = await started();
  await say({ kind: "alive" });
  await silence(aliveIntervalsMax + 1);
  await until("killed", () => exits.length === 1);
  expect(isRunning(pid)).toBe(false);
  await silence(1);
  await until("started again", () => pids.length === 2);
});

test("the next one is watched from its own first word, with the whole patience", async () => {
  await started();
  await say({ kind: "alive" });
  await silence(aliveIntervalsMax + 1);
  await until("killed", () => exits.length === 1);
  await silence(1);
  await until("started again", () => pids.length === 2);
  await silence(10 * aliveIntervalsMax);
  expect(exits).toEqual([{ code: 128, isBySignal: true }]);
  await say({ kind: "alive" });
  await silence(aliveIntervalsMax);
  expect([exits.length, isRunning(pids[1]!)]).toEqual([1, true]);
  await silence(1);
  await until("killed", () => exits.length === 2);
});

test("silence of any length before the first word is a slow start, and left alone", async () => {
  const pid = await started();
  await silence(1000);
  expect([isRunning(pid), exits]).toEqual([true, []]);
});

test("a word in the last interval is soon enough, again and again", async () => {
  const pid = await started();
  for (let round = 0; round < 5; round += 1) {
    await say({ kind: "alive" });
    await silence(aliveIntervalsMax);
  }
  expect([isRunning(pid), exits]).toEqual([true, []]);
});

test("time in which this process stood still as well does not count", async () => {
  const pid = await started();
  await say({ kind: "alive" });
  // A machine that slept: much time, and one turn.
  clock.stall(1000 * aliveIntervalMs);
  await silence(1);
  expect([isRunning(pid), exits]).toEqual([true, []]);
});

test("one that a debugger may halt is not watched, until it says otherwise", async () => {
  const pid = await started();
  await say({ kind: "alive", debugged: false });
  await silence(aliveIntervalsMax);
  await say({ kind: "alive", debugged: true });
  await say({ kind: "alive", debugged: true });
  expect(infos.filter((text) => text.includes("debugged"))).toHaveLength(1);
  await silence(1000);
  expect([isRunning(pid), exits]).toEqual([true, []]);
  await say({ kind: "alive", debugged: false });
  await silence(aliveIntervalsMax + 1);
  await until("killed", () => exits.length === 1);
});

test("one that is stopped by a signal is killed all the same", async () => {
  const pid = await started();
  await say({ kind: "alive" });
  process.kill(pid, "SIGSTOP");
  await silence(aliveIntervalsMax + 1);
  await until("killed", () => exits.length === 1);
});
