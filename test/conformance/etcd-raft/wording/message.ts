// How etcd prints entries and messages. There a message is one record with all fields; here every kind has
// its own, so each is spread onto that record first.
import type {
  Entry,
  HardState,
  Message,
  MessageKind,
  MessageOf,
  SnapshotMeta,
} from "../../../../src/raft/types.ts";
import type { ReadyMessage } from "../interaction/wire.ts";
import { changesText, confChangeOf } from "./conf-change.ts";
import { hex, quoted } from "./go-format.ts";
import { snapshotText } from "./state.ts";

interface Fields {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly term?: number;
  readonly logTerm?: number;
  readonly index?: number;
  readonly reject?: boolean;
  readonly rejectHint?: number;
  readonly commit?: number;
  readonly vote?: number;
  readonly entries?: readonly Entry[];
  readonly snapshot?: SnapshotMeta | undefined;
  readonly responses?: readonly ReadyMessage[];
}

const typeNames: Readonly<Record<ReadyMessage["kind"], string>> = {
  append: "MsgApp",
  "append-response": "MsgAppResp",
  heartbeat: "MsgHeartbeat",
  "heartbeat-response": "MsgHeartbeatResp",
  vote: "MsgVote",
  "vote-response": "MsgVoteResp",
  "pre-vote": "MsgPreVote",
  "pre-vote-response": "MsgPreVoteResp",
  snapshot: "MsgSnap",
  transfer: "MsgTransferLeader",
  "timeout-now": "MsgTimeoutNow",
  "read-index": "MsgReadIndex",
  "read-index-response": "MsgReadIndexResp",
  proposal: "MsgProp",
  "storage-append": "MsgStorageAppend",
  "storage-append-response": "MsgStorageAppendResp",
  "storage-apply": "MsgStorageApply",
  "storage-apply-response": "MsgStorageApplyResp",
};

/** Also the types that no message here has, for `type=` of deliver-msgs. */
const otherTypeNames: readonly string[] = [
  "MsgHup",
  "MsgBeat",
  "MsgUnreachable",
  "MsgSnapStatus",
  "MsgCheckQuorum",
  "MsgForgetLeader",
];

export function isTypeName(text: string): boolean {
  return otherTypeNames.includes(text) || Object.values(typeNames).includes(text);
}

export function typeName(kind: ReadyMessage["kind"]): string {
  return typeNames[kind];
}

/** There a wish for a transfer comes from the peer that is to lead. */
export function sender(message: Message): number {
  return message.kind === "transfer" ? message.transferee : message.from;
}

type Own = { readonly [K in MessageKind]?: (message: MessageOf<K>) => Partial<Fields> };

const own: Own = {
  append: ({ prevIndex, prevTerm, commit, entries }) => ({
    index: prevIndex,
    logTerm: prevTerm,
    commit,
    entries,
  }),
  "append-response": ({ index, reject, rejectHint, rejectHintTerm }) => ({
    index,
    reject,
    rejectHint,
    logTerm: rejectHintTerm,
  }),
  heartbeat: ({ commit }) => ({ commit }),
  vote: ({ lastIndex, lastTerm }) => ({ index: lastIndex, logTerm: lastTerm }),
  "pre-vote": ({ lastIndex, lastTerm }) => ({ index: lastIndex, logTerm: lastTerm }),
  "vote-response": ({ reject }) => ({ reject }),
  "pre-vote-response": ({ reject }) => ({ reject }),
  snapshot: ({ snapshot }) => ({ snapshot }),
  "read-index": () => ({ term: 0 }),
  "read-index-response": ({ index }) => ({ index }),
};

const appendThread = "AppendThread";
const applyThread = "ApplyThread";

function isMessage(message: ReadyMessage): message is Message {
  return !(message.kind === "proposal" || message.kind.startsWith("storage-"));
}

function fieldsOf(message: ReadyMessage): Fields {
  const type = typeNames[message.kind];
  if (isMessage(message)) {
    const spread = own[message.kind] as ((message: Message) => Partial<Fields>) | undefined;
    const { to, term } = message;
    return { from: hex(sender(message)), to: hex(to), type, term, ...spread?.(message) };
  }
  switch (message.kind) {
    case "proposal":
      return { from: hex(message.from), to: hex(message.to), type, entries: [message.entry] };
    case "storage-append": {
      const { from, hardState, entries, snapshot, responses } = message;
      const work = { entries, snapshot, responses };
      return { from: hex(from), to: appendThread, type, ...hardState, ...work };
    }
    case "storage-append-response": {
      const { to, term, last, snapshot } = message;
      const { index, term: logTerm } = last;
      return { from: appendThread, to: hex(to), type, term, index, logTerm, snapshot };
    }
    case "storage-apply": {
      const { from, entries, responses } = message;
      return { from: hex(from), to: applyThread, type, entries, responses };
    }
    case "storage-apply-response":
      return { from: applyThread, to: hex(message.to), type, entries: message.entries };
  }
}

/** Possibly several lines, the last without a line feed. */
export function messageText(message: ReadyMessage, indent = ""): string {
  const fields = fieldsOf(message);
  const { term = 0, logTerm = 0, index = 0, commit = 0, vote = 0 } = fields;
  let text = `${indent}${fields.from}->${fields.to} ${fields.type}`;
  text += ` Term:${term} Log:${logTerm}/${index}`;
  if (fields.reject === true) text += ` Rejected (Hint: ${fields.rejectHint ?? 0})`;
  if (commit !== 0) text += ` Commit:${commit}`;
  if (vote !== 0) text += ` Vote:${vote}`;
  text += entryListText(fields.entries ?? [], indent);
  if (fields.snapshot !== undefined) {
    text += `\n${indent}  Snapshot: ${snapshotText(fields.snapshot)}`;
  }
  const responses = fields.responses ?? [];
  if (responses.length === 0) return text;
  const lines = responses.map((response) => `\n${messageText(response, `${indent}  `)}`);
  return `${text} Responses:[${lines.join("")}\n${indent}]`;
}

function entryListText(entries: readonly Entry[], indent: string): string {
  const [first, ...more] = entries;
  if (first === undefined) return "";
  if (more.length === 0) return ` Entries:[${entryText(first)}]`;
  const lines = entries.map((entry) => `\n${indent}  ${entryText(entry)}`);
  return ` Entries:[${lines.join("")}\n${indent}]`;
}

function entryText(entry: Entry): string {
  const position = `${entry.term}/${entry.index}`;
  if (entry.type === "normal") return `${position} EntryNormal ${quoted(entry.data)}`;
  const change = confChangeOf(entry.data);
  const type = change.v1 ? "EntryConfChange" : "EntryConfChangeV2";
  return `${position} ${type} ${changesText(change)}`.trimEnd();
}

/** One line per entry. */
export function entriesText(entries: readonly Entry[]): string {
  return entries.map((entry) => `${entryText(entry)}\n`).join("");
}

export function hardStateText({ term, vote, commit }: HardState): string {
  return `Term:${term}${vote === 0 ? "" : ` Vote:${vote}`} Commit:${commit}`;
}
