import { describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { index } from "../../../src/base/numbers.ts";
import { commandBodies } from "../../../src/state/codec/command-bodies.ts";
import {
  decodeCommand,
  decodeMembershipContext,
  encodeCommand,
} from "../../../src/state/command-codec.ts";
import type { Command } from "../../../src/state/commands.ts";
import { decodeResult } from "../../../src/state/result-codec.ts";
import { StateMachine } from "../../../src/state/state-machine.ts";
import { specOf } from "./fixture.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof QuorateError) return error.code;
    throw error;
  }
  return "none";
}

const unknown = "QUORATE_STATE_UNKNOWN_COMMAND";
const damaged = "QUORATE_STATE_COMMAND_DAMAGED";
const envelope = (command: Command) => ({ atMs: 1, actor: "a", request: undefined, command });
const put = envelope({
  kind: "kv-put",
  key: "k",
  value: new Uint8Array([1, 2]),
  condition: { kind: "none" },
});

describe("command codec", () => {
  test("numbers of kinds are part of the log's format", () => {
    const numbers = Object.entries(commandBodies).map(([kind, [number]]) => [kind, number]);
    expect(Object.fromEntries(numbers)).toEqual({
      "kv-put": 1,
      "kv-delete": 2,
      "update-server": 10,
      "set-admin-state": 11,
      "register-session": 12,
      "end-session": 13,
      "open-client-session": 14,
      "submit-job": 20,
      "update-job": 21,
      "set-desired": 22,
      "apply-plan": 30,
      released: 31,
      "report-runs": 32,
      "reserve-upload": 40,
      "add-receipt": 41,
      "commit-version": 42,
      "abort-upload": 43,
      "delete-version": 44,
    });
  });

  test("the bytes of a command", () => {
    // version, kind, atMs, actor, no request, key, value, condition
    expect([...encodeCommand(put)]).toEqual([1, 1, 1, 1, 97, 0, 1, 107, 2, 1, 2, 0]);
  });

  test("newer versions and kinds are told apart from damage", () => {
    const bytes = [...encodeCommand(put)];
    expect(codeOf(() => decodeCommand(Uint8Array.from([2, ...bytes.slice(1)])))).toBe(unknown);
    expect(codeOf(() => decodeCommand(Uint8Array.from([1, 99, ...bytes.slice(2)])))).toBe(unknown);
    expect(codeOf(() => decodeCommand(Uint8Array.from([...bytes, 0])))).toBe(damaged);
    expect(codeOf(() => decodeCommand(Uint8Array.from(bytes.slice(0, -1))))).toBe(damaged);
    expect(codeOf(() => decodeCommand(new Uint8Array()))).toBe(damaged);
    expect(codeOf(() => decodeMembershipContext(Uint8Array.from([9])))).toBe(unknown);
    expect(codeOf(() => decodeMembershipContext(Uint8Array.from([1])))).toBe(damaged);
    expect(codeOf(() => decodeResult(Uint8Array.from([9])))).toBe("QUORATE_STATE_RESULT_DAMAGED");
  });

  test("a machine that meets one changes nothing", () => {
    const machine = new StateMachine();
    expect(codeOf(() => machine.apply(index(1), Uint8Array.from([1, 99])))).toBe(unknown);
    expect(machine.revision).toBe(0);
    machine.apply(index(1), encodeCommand(put));
  });

  test("decoded values do not share memory with the entry", () => {
    const bytes = encodeCommand(put);
    const { command } = decodeCommand(bytes);
    bytes.fill(0xff);
    expect(command).toEqual(put.command);
  });

  test("maps have one encoding", () => {
    const submit = (env: Record<string, string>) =>
      encodeCommand(
        envelope({ kind: "submit-job", namespace: "n", name: "a", spec: specOf({ env }) }),
      );
    expect(submit({ B: "2", A: "1" })).toEqual(submit({ A: "1", B: "2" }));
  });

  test("a malformed digest is refused with a code", () => {
    const resource = { namespace: "n", name: "a", version: 1, digest: "XYZ" };
    const spec = specOf({ run: { kind: "node", resource } });
    const bad = envelope({ kind: "submit-job", namespace: "n", name: "a", spec });
    expect(codeOf(() => encodeCommand(bad))).toBe("QUORATE_STATE_VALUE_INVALID");
  });
});
