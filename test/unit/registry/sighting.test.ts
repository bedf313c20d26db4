import { expect, test } from "vitest";
import type { HelloAnswer } from "../../../src/registry/hello.ts";
import { isAnswerOf } from "../../../src/registry/sighting.ts";

const sought = { clusterId: "c", serverId: "s2", incarnation: "i" };
const member = (change: object = {}): HelloAnswer => ({
  kind: "member",
  ...sought,
  generation: 1,
  proposal: null,
  ...change,
});

test("only the same data directory of the same cluster is the same member", () => {
  expect(isAnswerOf(member(), sought)).toBe(true);
  for (const change of [{ clusterId: "x" }, { serverId: "s3" }, { incarnation: "j" }])
    expect(isAnswerOf(member(change), sought)).toBe(false);
  expect(isAnswerOf({ kind: "noted" }, sought)).toBe(false);
});
