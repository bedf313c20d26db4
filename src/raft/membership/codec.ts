// A membership change as entry data. The empty change (leave the joint configuration, no context) is zero
// bytes, so that the leader can always append it: it costs nothing against the limit on proposals.
import { ByteReader, ByteWriter, DecodeError } from "../../base/bytes.ts";
import { peerId } from "../../base/numbers.ts";
import { raftErrors } from "../errors.ts";
import type { MembershipChange, MembershipStep, MembershipTransition } from "../types.ts";

const formatVersion = 1;
const transitions: readonly MembershipTransition[] = ["auto", "joint-implicit", "joint-explicit"];
const stepKinds: readonly MembershipStep["kind"][] = ["add-voter", "add-learner", "remove"];

/** Leaves the joint configuration. */
export const leaveChange: MembershipChange = {
  transition: "auto",
  steps: [],
  context: new Uint8Array(0),
};

/** Entry data of `change`. */
export function membershipEncode(change: MembershipChange): Uint8Array {
  const { transition, steps, context } = change;
  if (transition === "auto" && steps.length === 0 && context.length === 0) return new Uint8Array(0);
  const writer = new ByteWriter(16 + 8 * steps.length + context.length);
  writer.u8(formatVersion).u8(transitions.indexOf(transition));
  writer.list(steps, (step) => {
    writer.u8(stepKinds.indexOf(step.kind)).varint(step.peer);
  });
  return writer.bytes(context).finish();
}

function pick<T>(list: readonly T[], position: number, what: string): T {
  const picked = list[position];
  if (picked === undefined) throw new DecodeError(`unknown ${what} ${String(position)}`);
  return picked;
}

function read(data: Uint8Array): MembershipChange {
  const reader = new ByteReader(data);
  const version = reader.u8();
  if (version !== formatVersion) throw new DecodeError(`unknown format ${String(version)}`);
  const transition = pick(transitions, reader.u8(), "transition");
  const steps = reader.list((): MembershipStep => {
    const kind = pick(stepKinds, reader.u8(), "step");
    return { kind, peer: peerId(reader.varint()) };
  });
  const context = reader.bytes();
  reader.end();
  return { transition, steps, context };
}

/** The change in an entry's data; throws `QUORATE_RAFT_CORRUPT_MEMBERSHIP`. The context shares `data`'s memory. */
export function membershipDecode(data: Uint8Array): MembershipChange {
  if (data.length === 0) return leaveChange;
  try {
    return read(data);
  } catch (cause) {
    throw raftErrors.CORRUPT_MEMBERSHIP("a membership entry cannot be decoded", { cause });
  }
}
