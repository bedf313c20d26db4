// What the entries of a log mean, for `quorate data dump`: storage keeps bytes, and only the state machine and Raft know
// what they say. An entry of a newer program, or a damaged one, is shown as its bytes.
import { QuorateError } from "../../base/errors.ts";
import { membershipDecode } from "../../raft/membership/codec.ts";
import { decodeCommand } from "../../state/command-codec.ts";

const shownBytesMax = 32;

export interface OpaqueEntry {
  readonly type: "normal" | "membership";
  readonly data: Uint8Array;
}

function opaque(data: Uint8Array): string {
  const shown = Buffer.from(data.subarray(0, shownBytesMax)).toString("hex");
  return `unknown 0x${shown}${data.length > shownBytesMax ? "..." : ""}`;
}

function membershipKind(data: Uint8Array): string {
  const { steps } = membershipDecode(data);
  if (steps.length === 0) return "leave-joint";
  return steps.map(({ kind, peer }) => `${kind} ${String(peer)}`).join(", ");
}

/** A command's kind (`kv-put`), the steps of a membership change, `leader` for the empty entry that begins a term. */
export function entryKind({ type, data }: OpaqueEntry): string {
  try {
    if (type === "membership") return membershipKind(data);
    return data.length === 0 ? "leader" : decodeCommand(data).command.kind;
  } catch (error) {
    if (error instanceof QuorateError) return opaque(data);
    throw error;
  }
}
