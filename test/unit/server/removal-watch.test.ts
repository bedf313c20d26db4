import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import type { HelloAnswer, HelloRequest } from "../../../src/registry/hello.ts";
import type { Replica } from "../../../src/replica/contract.ts";
import { RemovalWatch } from "../../../src/server/removal-watch.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

const removed: HelloAnswer = {
  kind: "refused",
  code: "QUORATE_REGISTRY_SERVER_REMOVED",
  message: "s1 was taken out",
  temporary: false,
};

let clock: VirtualClock;
let leader: number;
let role: string;
let answers: HelloAnswer[];
let asked: HelloRequest[];
let told: number;
let supersededBy: string[];
let onAsked: () => void;
let watch: RemovalWatch;

beforeEach(() => {
  clock = new VirtualClock();
  leader = 0;
  role = "voter";
  answers = [];
  asked = [];
  told = 0;
  supersededBy = [];
  onAsked = () => undefined;
  const replica = {
    status: () => ({ leader }),
    state: { server: () => ({ role, profile: { incarnation: "i" } }) },
  } as unknown as Pick<Replica, "state" | "status">;
  watch = new RemovalWatch(
    { profile: { serverId: "s1", incarnation: "i" }, clusterId: "c" },
    {
      replica,
      others: {
        ask: (request) => {
          asked.push(request);
          onAsked();
          return Promise.resolve(answers.map((answer) => ({ address: "a:1", answer })));
        },
      },
      clock,
      logger: silentLogger,
      onRemoved: () => {
        told += 1;
      },
      onSuperseded: ({ code }) => {
        supersededBy.push(code);
      },
    },
  );
  watch.start();
});

describe("a member that hears of no leader", () => {
  test("asks the others again and again, by its own name", async () => {
    await clock.run(20_000);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked[0]).toEqual({
      kind: "belongs",
      clusterId: "c",
      serverId: "s1",
      incarnation: "i",
    });
    expect(told).toBe(0);
  });

  test("ends at the first answer that it was removed, and is told once", async () => {
    answers = [{ kind: "noted" }, removed];
    await clock.run(20_000);
    expect([told, asked.length, clock.waiting]).toEqual([1, 1, 0]);
  });

  test("ends otherwise when it is an old copy of a member's data, and is told once", async () => {
    answers = [{ kind: "noted" }, { ...removed, code: "QUORATE_REGISTRY_SUPERSEDED" }];
    await clock.run(20_000);
    expect([told, asked.length, clock.waiting]).toEqual([0, 1, 0]);
    expect(supersededBy).toEqual(["QUORATE_REGISTRY_SUPERSEDED"]);
  });

  test("takes no other answer for that", async () => {
    const others: HelloAnswer[] = [
      { kind: "noted" },
      { ...removed, code: "" },
      { ...removed, code: "QUORATE_REPLICA_NO_LEADER", temporary: true },
      { ...removed, code: "QUORATE_REGISTRY_UNKNOWN_SERVER" },
    ];
    for (const answer of others) {
      answers = [answer];
      await clock.run(5000);
    }
    expect(told).toBe(0);
    expect(supersededBy).toEqual([]);
  });
});

test("a member with a leader asks nobody", async () => {
  leader = 2;
  answers = [removed];
  await clock.run(20_000);
  expect([asked.length, told]).toEqual([0, 0]);
});

test("a server whose own table says so needs nobody's answer", async () => {
  role = "removed";
  await clock.run(2000);
  expect([asked.length, told]).toEqual([0, 1]);
});

test("nothing comes after a stop, not even what was asked before it", async () => {
  answers = [removed];
  onAsked = () => {
    watch.stop();
  };
  await clock.run(20_000);
  expect([asked.length, told, clock.waiting]).toEqual([1, 0, 0]);
});
