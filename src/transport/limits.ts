// Every bound of this room. A queue that is full drops and counts: Raft repeats what matters, and a peer that
// does not read must never cost this server its memory.
import { KiB, MiB, second } from "../base/units.ts";
import { messageBytesMax } from "./contract.ts";

/** What may wait in one lane to one peer. */
export interface LaneLimits {
  readonly queueBytesMax: number;
  readonly queueMessagesMax: number;
}

export interface TransportLimits {
  readonly control: LaneLimits;
  readonly bulk: LaneLimits;
  /** Calls to one peer without an answer yet; also what one peer may have running here. */
  readonly callsInFlightMax: number;
}

export const defaultLimits: TransportLimits = {
  control: { queueBytesMax: 8 * MiB, queueMessagesMax: 8192 },
  bulk: { queueBytesMax: 32 * MiB, queueMessagesMax: 4096 },
  callsInFlightMax: 1024,
};

/** What whoever can reach the peer port may hold there, before it has proved to be a peer of this cluster. */
export interface DoorLimits {
  /** Open connections. Above it the oldest that is not a peer's yet makes room; if all are peers', the newest goes. */
  readonly connectionsMax: number;
  /** A connection that no peer of this cluster has spoken on by then is closed. */
  readonly connectionProofMs: number;
  /** Streams that one connection may have open; more are refused by HTTP/2 itself. */
  readonly streamsPerConnectionMax: number;
  /** Strangers' requests that have begun to arrive; each may hold up to `grpcMessageBytesMax`. Peers do not compete. */
  readonly requestsArrivingMax: number;
  /** A request that is not complete by then is refused. */
  readonly requestArrivalMs: number;
}

export const defaultDoorLimits: DoorLimits = {
  connectionsMax: 256,
  connectionProofMs: 10 * second,
  streamsPerConnectionMax: 64,
  requestsArrivingMax: 32,
  requestArrivalMs: 5 * second,
};

/** A frame is closed at this size; a single larger message travels alone. */
export const frameBytesMax: number = 1 * MiB;
/** What was handed to gRPC and is not flushed to the socket yet; above it frames wait in the bounded queue. */
export const unflushedBytesMax: number = 1 * MiB;
/** Below the 16 objects at which a Node object stream says "full" (`writableHighWaterMark`). */
export const unflushedFramesMax = 8;
/** One gRPC message: the largest message of ours and its envelope (call name, lengths). */
export const grpcMessageBytesMax: number = messageBytesMax + 64 * KiB;
/** Pulls that this server serves at the same time: each may hold a few megabytes in buffers. */
export const pullsServedMax = 16;
/** A pull without a next piece for this long is given up. */
export const pullStallMs: number = 10 * second;
/** A receiver that takes no piece for this long loses its pull here, so that it does not keep the place of others. */
export const pullUnreadMs: number = 30 * second;
/** A receiver's window (grpc-js clients only; servers ignore it): 64 KiB per round trip would be the default. */
export const flowControlWindowBytes: number = 4 * MiB;
/** gRPC reports a write as done before it is flushed up to this many bytes; small, so that back pressure is true. */
export const retryBufferBytes: number = 64 * KiB;
/** Both streams must be accepted within this time, else the client is replaced: a dropped SYN hangs for minutes. */
export const connectTimeoutMs: number = 2 * second;
export const reconnectMinMs = 100;
export const reconnectMaxMs: number = 1 * second;
export const keepaliveMs: number = 5 * second;
export const keepaliveTimeoutMs: number = 8 * second;
/** How long `stop` waits for streams to end by themselves, and then for the door. Together below 2 s. */
export const stopStreamsMs = 500;
export const stopDoorMs: number = 1 * second;
/** Earlier starts that a peer tells with each stream. */
export const earlierStartsMax = 64;
/** A nonce of a start, in characters. */
export const startNonceCharsMax = 64;
/** Error texts that travel in HTTP/2 trailers are cut here: headers are bounded. */
export const trailerTextMax = 1024;
/** Memory network: a cut path breaks its connections this late, as keepalive does on a real one. */
export const silentBreakMs: number = keepaliveMs + keepaliveTimeoutMs;
