import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import {
  decodeHelloRequest,
  encodeHelloAnswer,
  type HelloAnswer,
} from "../../../src/registry/hello.ts";
import type { Replica } from "../../../src/replica/contract.ts";
import { Others } from "../../../src/server/others.ts";
import type { ServerRow } from "../../../src/state/rows.ts";
import { serverProfile } from "../../integration/support/services.ts";

/** address → who answers there; anywhere else there is silence. */
let answering: Map<string, HelloAnswer>;
let asked: string[];
let rows: ServerRow[];
let others: Others;

const member = (id: number, change: object = {}): HelloAnswer => {
  const { serverId, incarnation } = serverProfile(id);
  const self = { serverId, incarnation, clusterId: "c", generation: 1, proposal: null };
  return { kind: "member", ...self, ...change };
};

beforeEach(() => {
  answering = new Map();
  asked = [];
  rows = [1, 2, 3, 4].map(
    (id) =>
      ({
        peerId: id,
        role: id === 4 ? "removed" : "voter",
        profile: serverProfile(id),
      }) as ServerRow,
  );
  const replica = { state: { servers: () => rows } } as unknown as Pick<Replica, "state">;
  const transport = {
    hello: (address: string, request: Uint8Array) => {
      asked.push(`${decodeHelloRequest(request).kind} ${address}`);
      const answer = answering.get(address);
      if (answer === undefined) return Promise.reject(new Error("silence"));
      return Promise.resolve(encodeHelloAnswer(answer));
    },
  };
  others = new Others(
    { profile: serverProfile(1), clusterId: "c", join: ["s1:7000", "new:1", "s2:7000"] },
    { replica, transport, logger: silentLogger },
  );
});

test("everybody but this server and those removed is asked, each address once", async () => {
  answering.set("new:1", { kind: "noted" });
  expect(await others.ask({ kind: "ask" })).toEqual([
    { address: "new:1", answer: { kind: "noted" } },
  ]);
  expect(asked).toEqual(["ask s2:7000", "ask s3:7000", "ask new:1"]);
  asked = [];
  await others.ask({ kind: "ask" }, new Set(["s3:7000", "new:1"]));
  expect(asked).toEqual(["ask s2:7000"]);
});

describe("a member is found", () => {
  test("elsewhere when it answers there and not where the table says", async () => {
    answering.set("new:1", member(3));
    answering.set("s2:7000", member(2));
    expect(await others.whereabouts()).toEqual([
      { peerId: 2, recorded: "s2:7000", address: "s2:7000" },
      { peerId: 3, recorded: "s3:7000", address: "new:1" },
    ]);
  });

  test("where the table says when that is one of several", async () => {
    answering.set("new:1", member(3));
    answering.set("s3:7000", member(3));
    expect(await others.whereabouts()).toEqual([
      { peerId: 3, recorded: "s3:7000", address: "s3:7000" },
    ]);
  });

  test.each([
    ["of another cluster", member(3, { clusterId: "x" })],
    ["with another data directory", member(3, { incarnation: "ffff" })],
    ["that was removed", member(4)],
    ["that is no member yet", { kind: "candidate", profile: serverProfile(3), proposal: null }],
  ] as [string, HelloAnswer][])("not when the answer comes from one %s", async (_what, answer) => {
    answering.set("new:1", answer);
    expect(await others.whereabouts()).toEqual([]);
  });
});
