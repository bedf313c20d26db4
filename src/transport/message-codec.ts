// Raft messages as bytes. Version, kind, envelope, then the fields of the kind; numbers are varints. An append's
// entries come last, so that the bytes before them (which differ from peer to peer) and the entries (which do
// not) can be encoded apart and the latter once for all peers. Decoded payloads are views of the input.
import { ByteReader, ByteWriter, DecodeError } from "../base/bytes.ts";
import type { Index, PeerId, Term } from "../base/numbers.ts";
import type { Entry, Message, MessageKind, SnapshotMeta } from "../raft/types.ts";
import { transportErrors } from "./errors.ts";

const codecVersion = 1;
const headBytes = 64;
const entryOverheadBytes = 24;
const nothing = new Uint8Array(0);

/** Invariant: a number is never given to another kind; new kinds are added at the end. */
const codeOfKind: Readonly<Record<MessageKind, number>> = {
  append: 1,
  "append-response": 2,
  heartbeat: 3,
  "heartbeat-response": 4,
  vote: 5,
  "pre-vote": 6,
  "vote-response": 7,
  "pre-vote-response": 8,
  snapshot: 9,
  transfer: 10,
  "timeout-now": 11,
  "read-index": 12,
  "read-index-response": 13,
};
const kindOfCode: ReadonlyMap<number, MessageKind> = new Map(
  (Object.entries(codeOfKind) as [MessageKind, number][]).map(([kind, code]) => [code, kind]),
);

/** The message is `head` followed by `tail`; `tail` may be shared with other messages. */
export interface EncodedMessage {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** Encodes messages and remembers the last block of entries: the next peer most often gets the same. */
export class MessageEncoder {
  #entries: readonly Entry[] = [];
  #block: Uint8Array = nothing;

  encode(message: Message): EncodedMessage {
    const head = new ByteWriter(headBytes).u8(codecVersion).u8(codeOfKind[message.kind]);
    head.varint(message.from).varint(message.to).varint(message.term);
    writeFields(head, message);
    const tail = message.kind === "append" ? this.#blockOf(message.entries) : nothing;
    return { head: head.finish(), tail };
  }

  /** Lets go of the remembered block; to be called when a turn's sending is over. */
  forget(): void {
    this.#entries = [];
    this.#block = nothing;
  }

  #blockOf(entries: readonly Entry[]): Uint8Array {
    if (this.#block.length > 0 && sameItems(entries, this.#entries)) return this.#block;
    this.#block = encodeEntries(entries);
    this.#entries = entries;
    return this.#block;
  }
}

/**
 * Reads one message. Entries' `data` share memory with `bytes`. Throws `QUORATE_TRANSPORT_MESSAGE_UNKNOWN` for a
 * version or kind from the future and `QUORATE_TRANSPORT_MESSAGE_DAMAGED` for anything else that is wrong.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  try {
    const reader = new ByteReader(bytes);
    const message = readMessage(reader);
    reader.end();
    return message;
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw transportErrors.MESSAGE_DAMAGED(`damaged message of ${String(bytes.length)} bytes`, {
      cause,
    });
  }
}

function sameItems(a: readonly Entry[], b: readonly Entry[]): boolean {
  return a === b || (a.length === b.length && a.every((entry, i) => entry === b[i]));
}

function encodeEntries(entries: readonly Entry[]): Uint8Array {
  let capacity = headBytes;
  for (const entry of entries) capacity += entryOverheadBytes + entry.data.length;
  const writer = new ByteWriter(capacity);
  writer.list(entries, (entry) => {
    writer.varint(entry.index).varint(entry.term);
    writer.u8(entry.type === "normal" ? 0 : 1).bytes(entry.data);
  });
  return writer.finish();
}

function writeFields(writer: ByteWriter, message: Message): void {
  switch (message.kind) {
    case "append":
      writer.varint(message.prevIndex).varint(message.prevTerm);
      writer.varint(message.commit).varint(message.progressId);
      return;
    case "append-response":
      writer.varint(message.index).bool(message.reject).varint(message.rejectHint);
      writer.varint(message.rejectHintTerm).varint(message.progressId);
      return;
    case "heartbeat":
      writer.varint(message.commit).varint(message.readRound);
      return;
    case "heartbeat-response":
      writer.varint(message.readRound).varint(message.loyalMs);
      return;
    case "vote":
    case "pre-vote":
      writer.varint(message.lastIndex).varint(message.lastTerm).bool(message.transfer);
      return;
    case "vote-response":
    case "pre-vote-response":
      writer.bool(message.reject);
      return;
    case "snapshot":
      writeSnapshot(writer, message.snapshot);
      writer.varint(message.progressId);
      return;
    case "transfer":
      writer.varint(message.transferee);
      return;
    case "timeout-now":
      return;
    case "read-index":
      writer.varint(message.readId);
      return;
    case "read-index-response":
      writer.varint(message.readId).varint(message.index);
  }
}

function writeSnapshot(writer: ByteWriter, snapshot: SnapshotMeta): void {
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = snapshot.membership;
  writer.varint(snapshot.index).varint(snapshot.term);
  for (const peers of [voters, learners, votersOutgoing, learnersNext]) {
    writer.list(peers, (peer) => writer.varint(peer));
  }
  writer.bool(autoLeave);
}

function readMessage(reader: ByteReader): Message {
  const version = reader.u8();
  const code = reader.u8();
  const kind = version === codecVersion ? kindOfCode.get(code) : undefined;
  if (kind === undefined) {
    const fields = { version, kind: code };
    throw transportErrors.MESSAGE_UNKNOWN("message of an unknown version or kind", { fields });
  }
  const from = readPeer(reader);
  const to = readPeer(reader);
  return readFields(reader, kind, { from, to, term: readTerm(reader) });
}

interface Envelope {
  readonly from: PeerId;
  readonly to: PeerId;
  readonly term: Term;
}

// Properties are evaluated in the order in which they are written: that is the order on the wire.
function readFields(reader: ByteReader, kind: MessageKind, envelope: Envelope): Message {
  switch (kind) {
    case "append":
      return readAppend(reader, envelope);
    case "append-response":
      return {
        kind,
        ...envelope,
        index: readIndex(reader),
        reject: reader.bool(),
        rejectHint: readIndex(reader),
        rejectHintTerm: readTerm(reader),
        progressId: reader.varint(),
      };
    case "heartbeat":
      return { kind, ...envelope, commit: readIndex(reader), readRound: reader.varint() };
    case "heartbeat-response":
      return { kind, ...envelope, readRound: reader.varint(), loyalMs: reader.varint() };
    case "vote":
    case "pre-vote": {
      const lastIndex = readIndex(reader);
      const lastTerm = readTerm(reader);
      return { kind, ...envelope, lastIndex, lastTerm, transfer: reader.bool() };
    }
    case "vote-response":
    case "pre-vote-response":
      return { kind, ...envelope, reject: reader.bool() };
    case "snapshot":
      return { kind, ...envelope, snapshot: readSnapshot(reader), progressId: reader.varint() };
    case "transfer":
      return { kind, ...envelope, transferee: readPeer(reader) };
    case "timeout-now":
      return { kind, ...envelope };
    case "read-index":
      return { kind, ...envelope, readId: reader.varint() };
    case "read-index-response":
      return { kind, ...envelope, readId: reader.varint(), index: readIndex(reader) };
  }
}

function readAppend(reader: ByteReader, envelope: Envelope): Message {
  const prevIndex = readIndex(reader);
  const prevTerm = readTerm(reader);
  const commit = readIndex(reader);
  const progressId = reader.varint();
  const entries = reader.list(() => readEntry(reader));
  return { kind: "append", ...envelope, prevIndex, prevTerm, entries, commit, progressId };
}

function readEntry(reader: ByteReader): Entry {
  const index = readIndex(reader);
  const term = readTerm(reader);
  const type = reader.bool() ? "membership" : "normal";
  return { index, term, type, data: reader.bytes() };
}

function readSnapshot(reader: ByteReader): SnapshotMeta {
  const index = readIndex(reader);
  const term = readTerm(reader);
  const peers = (): PeerId[] => reader.list(() => readPeer(reader));
  const [voters, learners, votersOutgoing, learnersNext] = [peers(), peers(), peers(), peers()];
  const autoLeave = reader.bool();
  return {
    index,
    term,
    membership: { voters, learners, votersOutgoing, learnersNext, autoLeave },
  };
}

// The reader has checked that varints are safe integers ≥ 0, which is all that the brands ask for.
const readPeer = (reader: ByteReader): PeerId => reader.varint() as PeerId;
const readTerm = (reader: ByteReader): Term => reader.varint() as Term;
const readIndex = (reader: ByteReader): Index => reader.varint() as Index;
