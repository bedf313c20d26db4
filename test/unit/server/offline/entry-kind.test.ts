import { expect, test } from "vitest";
import { peerId } from "../../../../src/base/numbers.ts";
import { membershipEncode } from "../../../../src/raft/membership/codec.ts";
import { entryKind } from "../../../../src/server/offline/entry-kind.ts";
import { encodeCommand } from "../../../../src/state/command-codec.ts";

const none = new Uint8Array(0);

test("a command is named by its kind", () => {
  const command = { kind: "kv-delete", key: "a", condition: { kind: "none" } } as const;
  const data = encodeCommand({ atMs: 1, actor: "test", request: undefined, command });
  expect(entryKind({ type: "normal", data })).toBe("kv-delete");
});

test("a membership change is named by its steps", () => {
  const steps = [
    { kind: "remove", peer: peerId(2) },
    { kind: "add-learner", peer: peerId(9) },
  ] as const;
  const data = membershipEncode({ transition: "auto", steps, context: none });
  expect(entryKind({ type: "membership", data })).toBe("remove 2, add-learner 9");
  expect(entryKind({ type: "membership", data: none })).toBe("leave-joint");
});

test("the entry that begins a term is empty", () => {
  expect(entryKind({ type: "normal", data: none })).toBe("leader");
});

test("what is not understood is shown as bytes", () => {
  expect(entryKind({ type: "normal", data: Buffer.from("ff0102", "hex") })).toBe(
    "unknown 0xff0102",
  );
  expect(entryKind({ type: "membership", data: Buffer.from("ff", "hex") })).toBe("unknown 0xff");
  const long = entryKind({ type: "normal", data: Buffer.alloc(99, 0xee) });
  expect(long).toBe(`unknown 0x${"ee".repeat(32)}...`);
});
