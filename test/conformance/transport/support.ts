// What the transport tests share: a real clock that counts, a peer that records, and messages.
import type { Cancel, Clock } from "../../../src/base/clock.ts";
import type { QuorateError } from "../../../src/base/errors.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { index, type PeerId, peerId, term } from "../../../src/base/numbers.ts";
import type { AppendRequest, HeartbeatRequest, Message } from "../../../src/raft/types.ts";
import type {
  PeerBoot,
  PullPiece,
  PullSource,
  Transport,
  TransportHandlers,
} from "../../../src/transport/contract.ts";

export const logger = silentLogger;
const boundMs = 15_000;
const pollMs = 2;

/** Real time; `fired` counts the delays that ran out, so that a test can wait for retries without sleeping. */
export class RealClock implements Clock {
  fired = 0;

  nowMs(): number {
    return performance.now();
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer = setTimeout(() => {
      this.fired += 1;
      callback();
    }, delayMs);
    return () => {
      clearTimeout(timer);
    };
  }

  yield(callback: () => void): Cancel {
    const immediate = setImmediate(callback);
    return () => {
      clearImmediate(immediate);
    };
  }
}

/** Waits until `condition` holds; fails after a bound. */
export async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + boundMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within the bound: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

export class Recorder implements TransportHandlers {
  readonly messages: Message[] = [];
  readonly events: string[] = [];
  readonly unreachable: PeerId[] = [];
  onCallDo: (call: string, payload: Uint8Array) => Promise<Uint8Array> = (_, payload) =>
    Promise.resolve(payload);
  onPullDo: (source: PullSource) => AsyncIterable<PullPiece> = () => pieces([]);
  /** Peers that are not spoken to any more, and why. */
  readonly refusals = new Map<PeerId, QuorateError>();
  /** Who did not take this server's streams, and why. */
  readonly refusedBy: string[] = [];
  /** As peers told with their streams. */
  readonly boots: PeerBoot[] = [];
  onHelloDo: (request: Uint8Array) => Promise<Uint8Array> = (request) => Promise.resolve(request);

  onMessage(message: Message): void {
    this.messages.push(message);
  }

  onCall(from: PeerId, call: string, payload: Uint8Array): Promise<Uint8Array> {
    this.events.push(`call ${call} from ${String(from)}`);
    return this.onCallDo(call, payload);
  }

  onPull(_from: PeerId, source: PullSource): AsyncIterable<PullPiece> {
    return this.onPullDo(source);
  }

  onHello(request: Uint8Array): Promise<Uint8Array> {
    return this.onHelloDo(request);
  }

  onDisconnected(peer: PeerId): void {
    this.events.push(`down ${String(peer)}`);
  }

  onConnected(peer: PeerId): void {
    this.events.push(`up ${String(peer)}`);
  }

  onUnreachable(peer: PeerId): void {
    this.unreachable.push(peer);
  }

  refusal(peer: PeerId, boot?: PeerBoot): QuorateError | undefined {
    if (boot !== undefined) this.boots.push(boot);
    return this.refusals.get(peer);
  }

  onRefused(peer: PeerId, error: QuorateError): void {
    this.refusedBy.push(`${String(peer)}: ${error.code}`);
  }

  count(event: string): number {
    return this.events.filter((seen) => seen === event).length;
  }
}

export async function* pieces(list: Iterable<PullPiece>): AsyncGenerator<PullPiece> {
  for (const piece of list) yield await Promise.resolve(piece);
}

export async function collect(source: AsyncIterable<PullPiece>): Promise<PullPiece[]> {
  const list: PullPiece[] = [];
  for await (const piece of source) list.push(piece);
  return list;
}

export interface Server {
  readonly transport: Transport;
  readonly seen: Recorder;
}

export function heartbeat(from: number, to: number, round: number): HeartbeatRequest {
  const envelope = { from: peerId(from), to: peerId(to), term: term(1) };
  return { kind: "heartbeat", ...envelope, commit: index(0), readRound: round };
}

export function append(from: number, to: number, data: Uint8Array): AppendRequest {
  return {
    kind: "append",
    from: peerId(from),
    to: peerId(to),
    term: term(1),
    prevIndex: index(0),
    prevTerm: term(0),
    entries: [{ index: index(1), term: term(1), type: "normal", data }],
    commit: index(0),
    progressId: 0,
  };
}

export const rounds = (messages: readonly Message[]): number[] =>
  messages.flatMap((message) => (message.kind === "heartbeat" ? [message.readRound] : []));

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
