import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import {
  decodeHelloAnswer,
  decodeHelloRequest,
  decodeProposal,
  encodeHelloAnswer,
  encodeHelloRequest,
  encodeProposal,
  type FormationProposal,
  type HelloAnswer,
  type HelloRequest,
  sameProposal,
} from "../../../src/registry/hello.ts";
import type { ServerProfile } from "../../../src/state/rows.ts";

const profile: ServerProfile = {
  serverId: "s1",
  incarnation: "0123456789abcdef",
  peerAddress: "h1:7472",
  grpcAddress: "h1:7471",
  httpAddress: "h1:7470",
  zone: "a",
  labels: { rack: "7" },
  capacity: 16,
  version: "0.1.0",
};
const proposal: FormationProposal = {
  clusterId: "c",
  atMs: 5,
  members: [{ peerId: 1, profile }],
};
const admission = {
  clusterId: "c",
  generation: 1,
  peerId: 4,
  members: [{ peerId: 1, peerAddress: "h1:7472" }],
};

const requests: HelloRequest[] = [
  { kind: "ask" },
  { kind: "join", profile, awaitAdd: false },
  { kind: "join", profile, awaitAdd: true },
];
const { serverId, incarnation } = profile;
const answers: HelloAnswer[] = [
  { kind: "candidate", profile, proposal: null },
  { kind: "candidate", profile, proposal },
  { kind: "member", serverId, incarnation, clusterId: "c", generation: 1, proposal: null },
  { kind: "admitted", admission },
  { kind: "refused", code: "X", message: "no", temporary: true },
];

const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof QuorateError) return error.code;
    throw error;
  }
  return "";
}

describe("questions and answers", () => {
  test.each(requests)("%j comes back", (request) => {
    expect(decodeHelloRequest(encodeHelloRequest(request))).toEqual(request);
  });

  test.each(answers)("%j comes back", (answer) => {
    expect(decodeHelloAnswer(encodeHelloAnswer(answer))).toEqual(answer);
  });

  test("bytes of any kind are refused with a code, never with another error", () => {
    const decoders = [decodeHelloRequest, decodeHelloAnswer, decodeProposal];
    const near = fc.constantFrom(...requests, ...answers, proposal).chain((value) => {
      const bytes = Buffer.from(JSON.stringify(value));
      return fc
        .array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
        .map((flips) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, byte] of flips) changed[at] = byte;
          return changed;
        });
    });
    const input = fc.oneof(fc.uint8Array(), near, fc.json().map(Buffer.from));
    fc.assert(
      fc.property(input, fc.constantFrom(...decoders), (bytes, decode) => {
        expect(["", "QUORATE_REGISTRY_BAD_HELLO"]).toContain(codeOf(() => decode(bytes)));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a stranger's profile", () => {
  const join = (change: object): unknown => ({
    kind: "join",
    profile: { ...profile, ...change },
    awaitAdd: false,
  });

  test.each([
    ["an id that is a path", { serverId: "../../etc" }],
    ["an empty id", { serverId: "" }],
    ["an id with a control character", { serverId: "s\u001b[2J" }],
    ["an id that is too long", { serverId: "s".repeat(64) }],
    ["an empty incarnation", { incarnation: "" }],
    ["a zone with a line break", { zone: "a\nb" }],
    ["an address of 300 characters", { peerAddress: "h".repeat(300) }],
    ["a label with an escape", { labels: { a: "\u009b" } }],
    ["too many labels", { labels: Object.fromEntries([...Array(65).keys()].map((i) => [i, ""])) }],
    ["a negative capacity", { capacity: -1 }],
    ["a capacity beyond all bounds", { capacity: 2 ** 40 }],
    ["a fraction of a slot", { capacity: 1.5 }],
    ["a capacity in words", { capacity: "4" }],
  ])("with %s is refused", (_what, change) => {
    expect(codeOf(() => decodeHelloRequest(encode(join(change))))).toBe(
      "QUORATE_REGISTRY_BAD_HELLO",
    );
  });

  test("as every server makes its own is accepted", () => {
    for (const change of [{ serverId: "Host-1.example" }, { zone: "", labels: {}, capacity: 0 }]) {
      expect(codeOf(() => decodeHelloRequest(encode(join(change))))).toBe("");
    }
  });
});

describe("a proposal", () => {
  test("is kept and compared as it was written", () => {
    const kept = decodeProposal(encodeProposal(proposal));
    expect(sameProposal(kept, proposal)).toBe(true);
    expect(sameProposal(kept, { ...proposal, clusterId: "d" })).toBe(false);
    const other = { ...profile, incarnation: "ffff" };
    expect(sameProposal(kept, { ...proposal, members: [{ peerId: 1, profile: other }] })).toBe(
      false,
    );
  });

  test("without members, with sixteen, or with a fraction of a millisecond is refused", () => {
    const [member] = proposal.members;
    for (const change of [
      { members: [] },
      { members: Array.from({ length: 16 }, () => member) },
      { atMs: 1.5 },
    ]) {
      expect(codeOf(() => decodeProposal(encode({ ...proposal, ...change })))).toBe(
        "QUORATE_REGISTRY_BAD_HELLO",
      );
    }
  });
});
