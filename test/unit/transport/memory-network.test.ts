import { describe, expect, test } from "vitest";
import type { Cancel, Clock } from "../../../src/base/clock.ts";
import { peerId } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { reconnectMaxMs, silentBreakMs } from "../../../src/transport/limits.ts";
import {
  MemoryNetwork,
  type MemoryNetworkOptions,
} from "../../../src/transport/memory/memory-network.ts";
import { MemoryTransport } from "../../../src/transport/memory/memory-transport.ts";
import { heartbeat, Recorder, range, rounds } from "../../conformance/transport/support.ts";

class VirtualClock implements Clock {
  #nowMs = 0;
  #events: { atMs: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }
  after(delayMs: number, callback: () => void): Cancel {
    const event = { atMs: this.#nowMs + delayMs, callback };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((each) => each !== event);
    };
  }
  yield(callback: () => void): Cancel {
    return this.after(0, callback);
  }
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#events.filter(({ atMs }) => atMs <= endMs);
      const next = due.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#events.splice(this.#events.indexOf(next), 1);
      this.#nowMs = next.atMs;
      next.callback();
    }
    this.#nowMs = endMs;
  }
}

async function pair(options: Partial<MemoryNetworkOptions> = {}, seed = 1) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(options, { clock, random: seededRandom(seed) });
  const open = async (id: number) => {
    const transport = new MemoryTransport({ listen: "memory:0" }, { network });
    const seen = new Recorder();
    await transport.start(seen);
    transport.identify({ clusterId: "c", generation: 1, peerId: peerId(id) });
    return { transport, seen, address: transport.address };
  };
  const [a, b] = [await open(1), await open(2)];
  a.transport.setPeers([{ peerId: peerId(2), address: b.address }]);
  b.transport.setPeers([{ peerId: peerId(1), address: a.address }]);
  clock.advance(1000);
  expect([a.seen.events, b.seen.events]).toEqual([["up 2"], ["up 1"]]);
  return { clock, network, a, b };
}

describe("memory network", () => {
  test("delays within its bounds, and keeps the order of a lane", async () => {
    const { clock, a, b } = await pair({ delayMinMs: 10, delayMaxMs: 50 });
    for (const i of range(100)) a.transport.send("control", [heartbeat(1, 2, i)]);
    clock.advance(9);
    expect(b.seen.messages).toEqual([]);
    clock.advance(41);
    expect(rounds(b.seen.messages)).toEqual(range(100));
  });

  test("loses the given share, the same for the same seed", async () => {
    const run = async (seed: number): Promise<number[]> => {
      const { clock, network, a, b } = await pair({}, seed);
      network.set({ lossPerMillion: 300_000 });
      for (const i of range(1000)) a.transport.send("control", [heartbeat(1, 2, i)]);
      clock.advance(10);
      return rounds(b.seen.messages);
    };
    const arrived = await run(7);
    expect(arrived.length).toBeGreaterThan(600);
    expect(arrived.length).toBeLessThan(800);
    expect(await run(7)).toEqual(arrived);
    expect(await run(8)).not.toEqual(arrived);
  });

  test("a one-way cut loses one direction silently, and is noticed late", async () => {
    const { clock, network, a, b } = await pair();
    network.cut(a.address, b.address);
    a.transport.send("control", [heartbeat(1, 2, 1)]);
    b.transport.send("control", [heartbeat(2, 1, 2)]);
    clock.advance(silentBreakMs - 1);
    expect(b.seen.messages).toEqual([]);
    expect(rounds(a.seen.messages)).toEqual([2]);
    expect(a.seen.events).toEqual(["up 2"]);
    clock.advance(1);
    expect(a.seen.events).toEqual(["up 2", "down 2"]);
  });

  test("a partition that heals in time breaks nothing; one that does not heals into a reconnect", async () => {
    const { clock, network, a, b } = await pair();
    network.partition([a.address], [b.address]);
    clock.advance(silentBreakMs / 2);
    network.heal();
    clock.advance(silentBreakMs);
    expect(a.seen.events).toEqual(["up 2"]);
    network.partition([a.address], [b.address]);
    clock.advance(silentBreakMs * 3);
    expect(a.seen.events).toEqual(["up 2", "down 2"]);
    network.heal();
    clock.advance(reconnectMaxMs);
    expect(a.seen.events).toEqual(["up 2", "down 2", "up 2"]);
    expect(b.seen.events).toEqual(["up 1", "down 1", "up 1"]);
  });

  test("a stopped server is noticed at once, and what was under way to it is lost", async () => {
    const { clock, a, b } = await pair({ delayMinMs: 5, delayMaxMs: 5 });
    a.transport.send("control", [heartbeat(1, 2, 1)]);
    await b.transport.stop();
    expect(a.seen.events).toEqual(["up 2", "down 2"]);
    clock.advance(5000);
    expect(b.seen.messages).toEqual([]);
    expect(a.seen.events).toEqual(["up 2", "down 2"]);
  });

  test("hello does not cross a cut", async () => {
    const { clock, network, a, b } = await pair();
    network.cut(b.address, a.address);
    const asking = a.transport.hello(b.address, Uint8Array.of(1), 100);
    const failed = expect(asking).rejects.toMatchObject({ code: "QUORATE_TRANSPORT_UNREACHABLE" });
    clock.advance(200);
    await failed;
  });
});
