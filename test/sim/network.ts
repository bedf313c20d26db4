// The network between simulated servers: how long things take, which paths are cut, what gets lost. Two kinds of
// weather for Raft messages:
//
//   stream    what TCP gives: in order while a connection lives. A cut path holds messages back and delivers them
//             late when it heals, unless the connection breaks first; then everything on its way is lost
//   datagram  stricter than any transport of ours: single messages are lost, come twice and overtake each other
//
// Calls, pulls and connecting always behave as streams.
import type { QuorateError } from "../../src/base/errors.ts";
import type { PeerId } from "../../src/base/numbers.ts";
import type { Random } from "../../src/base/random.ts";
import type { Message } from "../../src/raft/types.ts";
import type { TransportHandlers } from "../../src/transport/contract.ts";
import { betweenFine, chance } from "./random.ts";
import type { Owner, Schedule } from "./schedule.ts";
import type { RunTrace } from "./trace.ts";

export interface Weather {
  readonly mode: "stream" | "datagram";
  /** A message takes [delayMinMs, delayMaxMs), and now and then up to `delayTailMs`. */
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  readonly delayTailMs: number;
  readonly tailPerMillion: number;
  /** How much longer the control lane may take than the others. */
  readonly controlLagMs: number;
  /** Datagrams only. */
  readonly lossPerMillion: number;
  readonly duplicatePerMillion: number;
}

export const calm: Weather = {
  mode: "stream",
  delayMinMs: 0.2,
  delayMaxMs: 2,
  delayTailMs: 2,
  tailPerMillion: 0,
  controlLagMs: 0,
  lossPerMillion: 0,
  duplicatePerMillion: 0,
};

/** What connections need of the transport at their other end. */
export interface Listener {
  readonly handlers: TransportHandlers;
  isPeer(peer: PeerId): boolean;
  receive(message: Message): void;
  serve(from: PeerId, name: string, payload: Uint8Array): Promise<Uint8Array | QuorateError>;
}

/** A process that listens, as the network sees it. */
export interface Endpoint {
  readonly owner: Owner;
  readonly transport: Listener;
}

/** A connection, as the network sees it. */
export interface Wire {
  readonly from: string;
  readonly to: string;
  readonly remote: Endpoint;
  pathCut(): void;
  pathMended(): void;
  break(reason: string): void;
}

export interface NetworkModules {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly trace: RunTrace;
}

export class SimNetwork {
  weather: Weather = calm;
  readonly schedule: Schedule;
  readonly trace: RunTrace;
  readonly #random: Random;
  readonly #endpoints = new Map<string, Endpoint>();
  /** One-way cuts, counted: several faults may cut the same path. */
  readonly #cuts = new Map<string, number>();
  readonly #connections = new Set<Wire>();

  constructor(modules: NetworkModules) {
    this.schedule = modules.schedule;
    this.trace = modules.trace;
    this.#random = modules.random;
  }

  bind(address: string, endpoint: Endpoint): void {
    this.#endpoints.set(address, endpoint);
  }

  /** The process is gone. */
  unbind(address: string, transport: Listener): void {
    if (this.#endpoints.get(address)?.transport === transport) this.#endpoints.delete(address);
  }

  endpoint(address: string): Endpoint | undefined {
    return this.#endpoints.get(address);
  }

  cut(from: string, to: string): void {
    const name = path(from, to);
    this.#cuts.set(name, (this.#cuts.get(name) ?? 0) + 1);
    for (const each of this.#connections) each.pathCut();
  }

  mend(from: string, to: string): void {
    const name = path(from, to);
    const left = (this.#cuts.get(name) ?? 0) - 1;
    if (left > 0) this.#cuts.set(name, left);
    else this.#cuts.delete(name);
    for (const each of this.#connections) each.pathMended();
  }

  isOpen(from: string, to: string): boolean {
    return !this.#cuts.has(path(from, to));
  }

  isWhole(a: string, b: string): boolean {
    return this.isOpen(a, b) && this.isOpen(b, a);
  }

  attach(connection: Wire): void {
    this.#connections.add(connection);
  }

  detach(connection: Wire): void {
    this.#connections.delete(connection);
  }

  /** Those that the listener at `address` has accepted or opened. */
  connectionsOf(address: string): readonly Wire[] {
    return [...this.#connections].filter((each) => each.from === address || each.to === address);
  }

  laneDelayMs(isControl: boolean): number {
    const lagMs = isControl ? this.weather.controlLagMs : 0;
    return this.delayMs() + betweenFine(this.#random, 0, lagMs);
  }

  delayMs(): number {
    const { delayMinMs, delayMaxMs, delayTailMs, tailPerMillion } = this.weather;
    const max = chance(this.#random, tailPerMillion) ? delayTailMs : delayMaxMs;
    return betweenFine(this.#random, delayMinMs, Math.max(delayMinMs, max));
  }

  isLost(): boolean {
    return chance(this.#random, this.weather.lossPerMillion);
  }

  isDuplicated(): boolean {
    return chance(this.#random, this.weather.duplicatePerMillion);
  }

  /** How late silence is noticed. */
  silenceMs(): number {
    return betweenFine(this.#random, 800, 6000);
  }
}

function path(from: string, to: string): string {
  return `${from} > ${to}`;
}
