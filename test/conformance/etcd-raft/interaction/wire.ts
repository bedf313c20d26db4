// What travels in etcd's test network: the messages of this project, forwarded proposals (here the shell
// forwards them, there the core does), and the messages to and from the local storage threads.
import type { PeerId, Term } from "../../../../src/base/numbers.ts";
import type { EntryId } from "../../../../src/raft/trace.ts";
import type { Entry, HardState, Message, SnapshotMeta } from "../../../../src/raft/types.ts";

export interface ProposalMessage {
  readonly kind: "proposal";
  readonly from: PeerId;
  readonly to: PeerId;
  readonly entry: Entry;
}

export interface StorageAppend {
  readonly kind: "storage-append";
  readonly from: PeerId;
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotMeta | undefined;
  /** To be delivered once all of it is durable. */
  readonly responses: readonly WireMessage[];
}

export interface StorageAppendResponse {
  readonly kind: "storage-append-response";
  readonly to: PeerId;
  readonly term: Term;
  readonly last: EntryId;
  readonly snapshot: SnapshotMeta | undefined;
}

export interface StorageApply {
  readonly kind: "storage-apply";
  readonly from: PeerId;
  readonly entries: readonly Entry[];
  readonly responses: readonly WireMessage[];
}

export interface StorageApplyResponse {
  readonly kind: "storage-apply-response";
  readonly to: PeerId;
  readonly entries: readonly Entry[];
}

/** May be under way between servers, or back from a storage thread. */
export type WireMessage = Message | ProposalMessage | StorageAppendResponse | StorageApplyResponse;
/** Anything that a Ready hands out or a transcript prints. */
export type ReadyMessage = WireMessage | StorageAppend | StorageApply;

/** Never lost: it does not cross the network. */
export function isLocal(message: WireMessage): boolean {
  const { kind } = message;
  if (kind === "storage-append-response" || kind === "storage-apply-response") return true;
  return message.from === message.to;
}
