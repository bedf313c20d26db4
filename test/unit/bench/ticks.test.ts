// What the jobs say over TCP becomes runs; what is no tick is not.
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TickCollector } from "../../../bench/lib/ticks.ts";
import { until } from "../../../bench/lib/wait.ts";

let ticks: TickCollector;
let socket: Socket;

beforeEach(async () => {
  ticks = new TickCollector();
  await ticks.start();
  const [host, port] = ticks.address.split(":");
  socket = connect(Number(port), host);
});

afterEach(async () => {
  socket.destroy();
  await ticks.stop();
});

const tick = (epoch: number, pid: number, ms: number): string =>
  `job-1 ${String(epoch)} s1 ${String(pid)} ${String(ms)}000000\n`;

async function said(lines: string, runs: number): Promise<void> {
  // The marker comes last on the same connection: what it follows has been read.
  socket.write(`${lines}marker 1 s1 1 1\n`);
  await until("everything was read", () => {
    const all = ticks.runs();
    return all.some(({ job }) => job === "marker") && all.length > runs ? true : undefined;
  });
}

test("ticks of one process under one epoch are one run, with its longest gap", async () => {
  await said(
    [tick(1, 42, 1000), tick(1, 42, 1010), tick(1, 42, 1110), tick(1, 42, 1120)].join(""),
    1,
  );
  expect(ticks.runs().filter(({ job }) => job === "job-1")).toEqual([
    {
      job: "job-1",
      epoch: 1,
      server: "s1",
      pid: 42,
      firstMs: 1000,
      lastMs: 1120,
      ticks: 4,
      longestGapMs: 100,
    },
  ]);
});

test("another process, or another epoch, is another run", async () => {
  await said([tick(1, 42, 1000), tick(1, 43, 1000), tick(2, 43, 2000)].join(""), 3);
  expect(
    ticks
      .runs()
      .filter(({ job }) => job === "job-1")
      .map(({ epoch, pid }) => [epoch, pid]),
  ).toEqual([
    [1, 42],
    [1, 43],
    [2, 43],
  ]);
});

test("lines that are no ticks are passed over; a run that ticked long ago does not live", async () => {
  await said(`nonsense\njob-1 1 s1 42 not-a-time\n${tick(1, 42, 1000)}`, 1);
  expect(ticks.runs().map(({ job }) => job)).toEqual(["marker", "job-1"]);
  expect(ticks.living("job-1")).toEqual([]);
});
