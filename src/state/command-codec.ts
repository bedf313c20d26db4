// The bytes of a log entry. Layout of a command: version, kind number, proposer's time and name, the request,
// the body of the kind. Version and kind come first, so that "too new for this server" is told apart from damage.
import { assert } from "../base/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../base/bytes.ts";
import { type Codec, count, listOf, optional, peerNumber, struct, text } from "./codec/codec.ts";
import { commandBodies } from "./codec/command-bodies.ts";
import { serverProfile } from "./codec/values.ts";
import type { ClientRequest, Command, CommandEnvelope, MembershipContext } from "./commands.ts";
import { stateErrors } from "./errors.ts";

const envelopeVersion = 1;
const membershipVersion = 1;

type Header = Omit<CommandEnvelope, "command">;

const header = struct<Header>({
  atMs: count,
  actor: text,
  request: optional(
    struct<ClientRequest>({ clientSession: count, sequence: count, acknowledged: count }),
  ),
});

const membershipContext = struct<MembershipContext>({
  atMs: count,
  actor: text,
  reason: text,
  added: listOf(struct({ peerId: peerNumber, profile: serverProfile })),
});

interface Kind {
  readonly kind: string;
  readonly number: number;
  readonly body: Codec<object>;
}

const kinds: readonly Kind[] = Object.entries<readonly [number, unknown]>(commandBodies).map(
  ([kind, [number, body]]) => ({ kind, number, body: body as Codec<object> }),
);
const kindByNumber: ReadonlyMap<number, Kind> = new Map(kinds.map((kind) => [kind.number, kind]));
assert(kindByNumber.size === kinds.length, "two command kinds have the same number");

/** Throws VALUE_INVALID for a malformed digest; numbers must be safe integers ≥ 0 (asserted). */
export function encodeCommand(envelope: CommandEnvelope): Uint8Array {
  const { command } = envelope;
  const [number, body] = commandBodies[command.kind];
  const writer = new ByteWriter().u8(envelopeVersion).varint(number);
  header.write(writer, envelope);
  (body as Codec<object>).write(writer, command);
  // Exactly as long as it must be: entries live on in the caches of the log, and those count lengths.
  return writer.finish().slice();
}

/**
 * Throws UNKNOWN_COMMAND for a version or kind of a newer program and COMMAND_DAMAGED for bytes that are no
 * command. A server that meets either in a committed entry must stop: skipping it would fork the state.
 */
export function decodeCommand(data: Uint8Array): CommandEnvelope {
  return decoding("command", () => {
    const reader = new ByteReader(data);
    checkVersion(reader.u8(), envelopeVersion, "command");
    const number = reader.varint();
    const kind = kindByNumber.get(number);
    if (kind === undefined) {
      throw stateErrors.UNKNOWN_COMMAND(`command kind ${String(number)} is not known here`, {
        fields: { kind: number },
      });
    }
    const head = header.read(reader);
    const command = { kind: kind.kind, ...kind.body.read(reader) } as Command;
    reader.end();
    return { ...head, command };
  });
}

export function encodeMembershipContext(context: MembershipContext): Uint8Array {
  const writer = new ByteWriter().u8(membershipVersion);
  membershipContext.write(writer, context);
  return writer.finish();
}

/** Throws as `decodeCommand`. */
export function decodeMembershipContext(data: Uint8Array): MembershipContext {
  return decoding("membership context", () => {
    const reader = new ByteReader(data);
    checkVersion(reader.u8(), membershipVersion, "membership context");
    const context = membershipContext.read(reader);
    reader.end();
    return context;
  });
}

function checkVersion(version: number, supported: number, what: string): void {
  if (version === supported) return;
  throw stateErrors.UNKNOWN_COMMAND(`${what} has version ${String(version)}`, {
    fields: { version, supported },
  });
}

function decoding<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw stateErrors.COMMAND_DAMAGED(`${what} is damaged: ${cause.message}`, { cause });
  }
}
