// Real servers under faults that are drawn from a seed, with the clients' history checked. First, that the faults of the
// network are what they claim to be: a partition that lets everything through would prove nothing.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { command } from "../chaos/network/commands.ts";
import { Namespaces } from "../chaos/network/namespaces.ts";
import { healthyNetwork, type NetworkState } from "../chaos/network/rules.ts";
import { type ChaosReport, closingLines } from "../chaos/report.ts";
import { runChaos } from "../chaos/run.ts";
import { ownRunId } from "../chaos/run-id.ts";
import { needs } from "../support/needs.ts";

const network = needs("linux", "root", "ip netns", "iptables");
const port = 7471;
const echo = `require("net").createServer((s) => s.on("error", () => s.destroy()).pipe(s)).listen(${port}, () => console.log("ready"))`;
/** Sends a line and waits for it to come back. */
const round = (address: string): string =>
  `exec 3<>/dev/tcp/${address}/${port} && echo hello >&3 && read -r line <&3 && test "$line" = hello`;

async function succeeds(words: readonly string[]): Promise<boolean> {
  try {
    await command(words);
    return true;
  } catch (error) {
    if (typeof (error as { readonly code?: unknown }).code === "number") return false;
    throw error;
  }
}

describe.skipIf(network.skip)(network.title("the faults of the network"), () => {
  const namespaces = new Namespaces({ run: ownRunId(), slots: 3, ports: [port] });
  const servers: ChildProcess[] = [];
  const clients = -1;

  beforeAll(async () => {
    await namespaces.start();
    for (let slot = 0; slot < 3; slot += 1) {
      const [program, ...words] = namespaces.launcher(slot);
      const server = spawn(program, [...words, process.execPath, "-e", echo], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      servers.push(server);
      await once(server.stdout, "data");
    }
  });

  afterAll(async () => {
    for (const server of servers) server.kill("SIGKILL");
    await namespaces.destroy();
  });

  // A dozen processes are started for one look: on a busy machine an answer takes its time.
  const silenceSeconds = "4";
  const hears = (from: number, to: number): Promise<boolean> => {
    const launcher = from === clients ? [] : namespaces.launcher(from);
    const words = [
      ...launcher,
      "timeout",
      silenceSeconds,
      "bash",
      "-c",
      round(namespaces.addressOf(to)),
    ];
    return succeeds(words);
  };

  /** Who gets an answer from whom, as `from>to`. */
  async function conversations(): Promise<readonly string[]> {
    const pairs = [clients, 0, 1, 2].flatMap((from) =>
      [0, 1, 2].filter((to) => to !== from).map((to) => ({ from, to })),
    );
    const heard = await Promise.all(pairs.map(({ from, to }) => hears(from, to)));
    return pairs
      .filter((_, i) => heard[i])
      .map(({ from, to }) => `${from === clients ? "clients" : from}>${to}`);
  }

  const everybody = [
    "clients>0",
    "clients>1",
    "clients>2",
    "0>1",
    "0>2",
    "1>0",
    "1>2",
    "2>0",
    "2>1",
  ];
  const without = (...slots: readonly string[]): readonly string[] =>
    everybody.filter((pair) => !slots.includes(pair));
  const all = <T>(value: T): ReadonlyMap<number, T> =>
    new Map([0, 1, 2].map((slot) => [slot, value]));

  test.each<[string, Partial<NetworkState>, readonly string[]]>([
    [
      "isolated: the server speaks to nobody",
      { isolated: [0] },
      ["clients>1", "clients>2", "1>2", "2>1"],
    ],
    [
      "a cut: two get no answer from each other, clients and the third from both",
      {
        dropped: [
          { from: 0, to: 1 },
          { from: 1, to: 0 },
        ],
      },
      without("0>1", "1>0"),
    ],
    [
      "one way: what is lost in one direction leaves no conversation in either, and no other is touched",
      { dropped: [{ from: 0, to: 1 }] },
      without("0>1", "1>0"),
    ],
    ["loss: of everything that arrives, nothing arrives", { lossPercent: all(100) }, []],
  ])("%s; healed, all speak again", async (_, state, expected) => {
    await namespaces.apply({ ...healthyNetwork, ...state });
    expect(await conversations()).toEqual(expected);
    await namespaces.apply(healthyNetwork);
    expect(await conversations()).toEqual(everybody);
  });

  test("delay: an answer takes at least twice the shortest delay, connections from before are broken", async () => {
    const address = namespaces.addressOf(0);
    const old = spawn("bash", [
      "-c",
      `exec 3<>/dev/tcp/${address}/${port}; echo open; sleep 1; echo x >&3; read -r -u 3`,
    ]);
    await once(old.stdout, "data");
    await namespaces.apply({ ...healthyNetwork, delayed: all({ delayMs: 150, jitterMs: 50 }) });
    const startMs = performance.now();
    expect(await hears(1, 0)).toBe(true);
    expect(performance.now() - startMs).toBeGreaterThan(200);
    expect(await once(old, "exit")).not.toEqual([0, null]);
    await namespaces.apply(healthyNetwork);
    expect(await conversations()).toEqual(everybody);
  });
});

function expectGood(report: ChaosReport): void {
  process.stderr.write(`${closingLines(report).join("\n")}\n`);
  expect(report.failures).toEqual([]);
  expect(report.verdict).toBe("linearizable");
  expect(report.operations.ok).toBeGreaterThan(500);
}

const story: string[] = [];
const say = (line: string): number => story.push(line);

describe("servers under faults", () => {
  afterEach(({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(`${story.join("\n")}\n`);
    story.length = 0;
  });

  test("three on loopback: processes and machines are killed, paused and restarted, members replaced", async () => {
    const report = await runChaos({ seed: 1, servers: 3, minutes: 0.5, hasNetwork: false, say });
    expectGood(report);
    expect(new Set(report.faults.map(({ kind }) => kind)).size).toBeGreaterThan(3);
  }, 240_000);

  test.skipIf(network.skip).each([
    { servers: 3, seed: 2, minutes: 1.2 },
    { servers: 5, seed: 5, minutes: 0.7 },
  ])(
    network.title("$servers in networks of their own: the same, while links break, delay and lose"),
    async (asked) => {
      const report = await runChaos({ ...asked, hasNetwork: true, say });
      expectGood(report);
      expect(report.membership.removed).toBeGreaterThan(0);
      expect(new Set(report.faults.map(({ kind }) => kind)).size).toBeGreaterThan(7);
    },
    300_000,
  );
});
