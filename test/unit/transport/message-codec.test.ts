import { describe, expect, test } from "vitest";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { AppendRequest, Entry } from "../../../src/raft/types.ts";
import { decodeMessage, MessageEncoder } from "../../../src/transport/message-codec.ts";

const entry = (at: number): Entry => ({
  index: index(at),
  term: term(2),
  type: "normal",
  data: new Uint8Array(300).fill(at),
});

const append = (to: number, entries: readonly Entry[]): AppendRequest => ({
  kind: "append",
  from: peerId(1),
  to: peerId(to),
  term: term(2),
  prevIndex: index(to),
  prevTerm: term(1),
  entries,
  commit: index(0),
  progressId: to,
});

describe("message codec", () => {
  test("the same entries are encoded once for all peers", () => {
    const encoder = new MessageEncoder();
    const entries = [entry(1), entry(2)];
    const first = encoder.encode(append(2, entries));
    expect(encoder.encode(append(3, [...entries])).tail).toBe(first.tail);
    expect(encoder.encode(append(3, entries.slice(1))).tail).not.toEqual(first.tail);
    expect(encoder.encode(append(3, [entry(1), entry(3)])).tail).not.toEqual(first.tail);
    const again = encoder.encode(append(2, entries));
    encoder.forget();
    expect(encoder.encode(append(2, entries)).tail).not.toBe(again.tail);
  });

  test("decoded payloads are views of the input", () => {
    const { head, tail } = new MessageEncoder().encode(append(2, [entry(5)]));
    const bytes = new Uint8Array([...head, ...tail]);
    const message = decodeMessage(bytes);
    expect(message.kind === "append" && message.entries[0]?.data.buffer === bytes.buffer).toBe(
      true,
    );
  });

  test("versions and kinds from the future have their own error", () => {
    for (const [version, kind] of [
      [2, 1],
      [1, 99],
    ] as const) {
      expect(() => decodeMessage(Uint8Array.of(version, kind, 1, 2, 3))).toThrow(
        expect.objectContaining({
          code: "QUORATE_TRANSPORT_MESSAGE_UNKNOWN",
          fields: { version, kind },
        }),
      );
    }
  });

  test("the wire format of version 1 does not change", () => {
    const { head, tail } = new MessageEncoder().encode(append(300, [entry(1)]));
    expect([...head]).toEqual([1, 1, 1, 172, 2, 2, 172, 2, 1, 0, 172, 2]);
    expect([...tail.subarray(0, 7)]).toEqual([1, 1, 2, 0, 172, 2, 1]);
  });
});
