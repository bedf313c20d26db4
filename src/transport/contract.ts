// How servers talk to each other. Three lanes per peer: *control* (votes, heartbeats, read index, small
// appends, leader-link calls), *bulk* (large appends) and *pull* (the receiver fetches snapshots and chunks),
// so that a megabyte never delays a heartbeat. Delivery is at most once and in order per lane while a stream
// lives; nothing is promised across a reconnect: Raft repeats what matters.
// test/conformance/transport holds every implementation to this.
import type { QuorateError } from "../base/errors.ts";
import type { Index, PeerId, Term } from "../base/numbers.ts";
import { KiB, MiB } from "../base/units.ts";
import type { Message } from "../raft/types.ts";

export type Lane = "control" | "bulk";

/** A piece of a pull is at most this long: large enough for full speed, small enough to interleave. */
export const pullPieceBytes: number = 256 * KiB;

/**
 * The largest encoded message or call payload. To be respected when proposing and when batching entries: what
 * is larger can never reach a peer and is dropped (messages) or refused (calls).
 */
export const messageBytesMax: number = 4 * MiB;

/** Who speaks: sent with every stream; a stranger is refused (`QUORATE_TRANSPORT_FOREIGN_PEER`). */
export interface PeerIdentity {
  readonly clusterId: string;
  readonly generation: number;
  readonly peerId: PeerId;
  /** Undefined when nothing is remembered between two starts (simulator, tests). */
  readonly boot?: PeerBoot | undefined;
}

/**
 * One start of a data directory, and how far its log went then. Whoever remembers the newest one of a peer notices when an
 * older copy of its directory comes back, which has forgotten votes and entries.
 */
export interface PeerBoot {
  /** Ascending over the starts of one directory. */
  readonly counter: number;
  /** Random: two starts from copies of one directory have the same number, and differ in this. */
  readonly nonce: string;
  readonly term: Term;
  readonly lastIndex: Index;
  /** Starts of the same directory before this one, ascending by their numbers; at most `earlierStartsMax`. */
  readonly earlier: readonly EarlierStart[];
  /** Starts with a smaller number may be missing from `earlier`. */
  readonly knownSince: number;
}

/** Says that a start came after it: only a directory that has been through it can know its nonce. */
export interface EarlierStart {
  readonly counter: number;
  readonly nonce: string;
}

export interface PeerAddress {
  readonly peerId: PeerId;
  /** host:port of the peer door. */
  readonly address: string;
}

/** What a receiver can pull; the answering side serves it from its stores. */
export type PullSource =
  | { readonly kind: "snapshot"; readonly index: number; readonly offset: number }
  | { readonly kind: "chunks"; readonly digests: readonly string[] };

/**
 * One piece of a pull: for a snapshot the bytes in order; for chunks one or more pieces per digest, in the
 * order asked for, `end` on each digest's last piece. A digest the peer lacks comes as one piece with
 * `missing`. At most `pullPieceBytes` each.
 */
export interface PullPiece {
  readonly bytes: Uint8Array;
  /** For chunks: position in `digests`; 0 for a snapshot. */
  readonly item: number;
  readonly end: boolean;
  readonly missing: boolean;
}

export interface TransportHandlers {
  /** A Raft message from a peer of this cluster. Called synchronously, in order per lane. */
  onMessage(message: Message): void;
  /** A leader-link call; the answer or the coded error goes back to the caller. */
  onCall(from: PeerId, call: string, payload: Uint8Array): Promise<Uint8Array>;
  onPull(from: PeerId, source: PullSource): AsyncIterable<PullPiece>;
  /** A question from before membership (formation, joining): no identity needed. */
  onHello(request: Uint8Array): Promise<Uint8Array>;
  /** The peer's control stream broke or could not be opened; once per break. An election hint. */
  onDisconnected(peer: PeerId): void;
  onConnected(peer: PeerId): void;
  /**
   * Messages to `peer` were dropped (queue full, too large, or no stream): the core's "report unreachable". At
   * most once per event-loop turn and peer; never from within `send`.
   */
  onUnreachable?(peer: PeerId): void;
  /**
   * Why `peer` of this cluster is not spoken to any more, e.g. because it was removed; undefined = it is heard, as
   * everybody must be who is merely not known here yet. Asked for each stream and pull, with `boot` if the peer says it,
   * and for each frame, without: it must be quick. What it has to remember of `boot` is durable when it returns.
   */
  refusal?(peer: PeerId, boot?: PeerBoot): QuorateError | undefined;
  /** `peer` does not take this server's streams and says why; again at each attempt. */
  onRefused?(peer: PeerId, error: QuorateError): void;
}

/**
 * Why something was refused, at the peer door or before it was sent to a peer:
 * - `foreign-peer`: of another cluster or generation, or it looks for somebody else;
 * - `removed-peer`: of this cluster once;
 * - `stale-data`: its data directory is an older copy, or has lost what it acknowledged;
 * - `newer-version`: a version, or a kind of message or pull, that this release does not know;
 * - `garbage`: bytes that are no message, or no call at all;
 * - `too-large`: a frame above the limit, or one that cannot be unpacked;
 * - `limit`: a bound of the door, or of the calls to one peer, was reached;
 * - `silent`: a connection, or a request, that came to nothing: a port scan, or a peer that was killed or cut off.
 */
export type RefusalReason =
  | "foreign-peer"
  | "removed-peer"
  | "stale-data"
  | "newer-version"
  | "garbage"
  | "too-large"
  | "limit"
  | "silent";

export interface TransportStats {
  readonly sent: number;
  readonly received: number;
  /** Messages dropped because a queue was full, no stream was open or they were too large. */
  readonly dropped: number;
  /** Connections, streams, calls, pulls and messages that were refused: the sum of `refusals`. */
  readonly refused: number;
  readonly refusals: Readonly<Record<RefusalReason, number>>;
}

export interface Transport {
  /** Binds the peer door; rejects with `QUORATE_TRANSPORT_ADDRESS_IN_USE` when the port is taken. */
  start(handlers: TransportHandlers): Promise<void>;
  /** Address others can reach, with the port that was really bound. */
  readonly address: string;
  /** After admission; before it only `hello` works in both directions. */
  identify(identity: PeerIdentity): void;
  /** Opens, keeps and closes streams so that exactly these peers (without oneself) are connected. */
  setPeers(peers: readonly PeerAddress[]): void;
  /** Never blocks, never throws: what cannot be queued is dropped and counted. `messages` share the lane's order. */
  send(lane: Lane, messages: readonly Message[]): void;
  /**
   * A call on the control lane. Rejects with the peer's coded error, or with one of this room: UNREACHABLE,
   * LIMIT_REACHED or MESSAGE_TOO_LARGE (certainly not executed), or OUTCOME_UNKNOWN.
   */
  call(to: PeerId, call: string, payload: Uint8Array, deadlineMs: number): Promise<Uint8Array>;
  pull(from: PeerId, source: PullSource): AsyncIterable<PullPiece>;
  hello(address: string, request: Uint8Array, deadlineMs: number): Promise<Uint8Array>;
  stats(): TransportStats;
  /** Ends streams first, then the door; idempotent; resolves within 2 s. */
  stop(): Promise<void>;
}
