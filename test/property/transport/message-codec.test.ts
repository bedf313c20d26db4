import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { Entry, Message } from "../../../src/raft/types.ts";
import { decodeMessage, MessageEncoder } from "../../../src/transport/message-codec.ts";

const natural = fc.oneof(fc.maxSafeNat(), fc.nat(300));
const anyIndex = natural.map(index);
const anyTerm = natural.map(term);
const anyPeer = natural.map(peerId);
const envelope = { from: anyPeer, to: anyPeer, term: anyTerm };
const peers = fc.array(anyPeer, { maxLength: 7 });

const anyEntry: fc.Arbitrary<Entry> = fc.record({
  index: anyIndex,
  term: anyTerm,
  type: fc.constantFrom("normal", "membership"),
  data: fc.uint8Array({ maxLength: 600 }),
});

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant("append" as const),
    ...envelope,
    prevIndex: anyIndex,
    prevTerm: anyTerm,
    entries: fc.array(anyEntry, { maxLength: 5 }),
    commit: anyIndex,
    progressId: natural,
  }),
  fc.record({
    kind: fc.constant("append-response" as const),
    ...envelope,
    index: anyIndex,
    reject: fc.boolean(),
    rejectHint: anyIndex,
    rejectHintTerm: anyTerm,
    progressId: natural,
  }),
  fc.record({
    kind: fc.constant("heartbeat" as const),
    ...envelope,
    commit: anyIndex,
    readRound: natural,
  }),
  fc.record({
    kind: fc.constant("heartbeat-response" as const),
    ...envelope,
    readRound: natural,
    loyalMs: natural,
  }),
  fc.record({
    kind: fc.constantFrom("vote" as const, "pre-vote" as const),
    ...envelope,
    lastIndex: anyIndex,
    lastTerm: anyTerm,
    transfer: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom("vote-response" as const, "pre-vote-response" as const),
    ...envelope,
    reject: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("snapshot" as const),
    ...envelope,
    snapshot: fc.record({
      index: anyIndex,
      term: anyTerm,
      membership: fc.record({
        voters: peers,
        learners: peers,
        votersOutgoing: peers,
        learnersNext: peers,
        autoLeave: fc.boolean(),
      }),
    }),
    progressId: natural,
  }),
  fc.record({ kind: fc.constant("transfer" as const), ...envelope, transferee: anyPeer }),
  fc.record({ kind: fc.constant("timeout-now" as const), ...envelope }),
  fc.record({ kind: fc.constant("read-index" as const), ...envelope, readId: natural }),
  fc.record({
    kind: fc.constant("read-index-response" as const),
    ...envelope,
    readId: natural,
    index: anyIndex,
  }),
);

function bytesOf(encoder: MessageEncoder, message: Message): Uint8Array {
  const { head, tail } = encoder.encode(message);
  return new Uint8Array([...head, ...tail]);
}

/** The message, or the coded error; anything else that is thrown fails the test. */
function tryDecode(bytes: Uint8Array): Message | QuorateError {
  try {
    return decodeMessage(bytes);
  } catch (thrown) {
    if (thrown instanceof QuorateError) return thrown;
    throw thrown;
  }
}

describe("message codec", () => {
  test("what is encoded is decoded, with one encoder for all messages", () => {
    const encoder = new MessageEncoder();
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(bytesOf(encoder, message))).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  test("every shorter or longer input is a coded error", () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.boolean(), (message, at, longer) => {
        const bytes = bytesOf(new MessageEncoder(), message);
        const damaged = longer
          ? new Uint8Array([...bytes, at % 256])
          : bytes.subarray(0, at % bytes.length);
        expect(tryDecode(damaged)).toMatchObject({ code: "QUORATE_TRANSPORT_MESSAGE_DAMAGED" });
      }),
      { numRuns: 500 },
    );
  });

  test("flipped bytes and noise give a message or a coded error, never a crash", () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const bytes = bytesOf(new MessageEncoder(), message);
        const position = at % bytes.length;
        bytes[position] = (bytes[position] ?? 0) ^ flip;
        tryDecode(bytes);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        tryDecode(new Uint8Array([1, ...noise]));
      }),
    );
  });
});
