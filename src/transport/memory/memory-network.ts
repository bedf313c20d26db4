// A network inside one process, for tests and the simulator: who listens where, which paths are cut, how long
// things take and what gets lost. All time comes from the clock and all chance from the seed that are handed in.
import type { Clock } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { PeerId } from "../../base/numbers.ts";
import { between, type Random } from "../../base/random.ts";
import type { Message } from "../../raft/types.ts";
import type { PeerIdentity, PullPiece, PullSource } from "../contract.ts";
import { transportErrors } from "../errors.ts";

export interface MemoryNetworkOptions {
  /** A message takes [delayMinMs, delayMaxMs); equal = exactly that. */
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Of a million messages, calls and answers this many vanish. */
  readonly lossPerMillion: number;
}

export interface MemoryNetworkModules {
  readonly clock: Clock;
  readonly random: Random;
}

/** A connection as its far end sees it. */
export interface MemoryStream {
  break(reason: string): void;
}

/** One server as the network sees it. */
export interface MemoryEndpoint {
  /** Why a stream or pull is refused; undefined = accepted. */
  admit(caller: PeerIdentity, to: PeerId): QuorateError | undefined;
  attach(stream: MemoryStream): void;
  detach(stream: MemoryStream): void;
  receive(message: Message): void;
  serveCall(from: PeerId, name: string, payload: Uint8Array): Promise<Uint8Array>;
  servePull(from: PeerId, source: PullSource): AsyncIterable<PullPiece>;
  serveHello(request: Uint8Array): Promise<Uint8Array>;
  pathsChanged(): void;
}

const perfect: MemoryNetworkOptions = { delayMinMs: 0, delayMaxMs: 0, lossPerMillion: 0 };
const million = 1_000_000;

export class MemoryNetwork {
  readonly clock: Clock;
  readonly #random: Random;
  #options: MemoryNetworkOptions;
  readonly #endpoints = new Map<string, MemoryEndpoint>();
  /** One-way cuts, by `path`. */
  readonly #cuts = new Set<string>();
  #lastPort = 0;

  constructor(options: Partial<MemoryNetworkOptions>, modules: MemoryNetworkModules) {
    this.#options = { ...perfect, ...options };
    this.clock = modules.clock;
    this.#random = modules.random;
  }

  /** Changes delay or loss from now on. */
  set(options: Partial<MemoryNetworkOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Loses everything from one address to another, silently; the way back stays open. */
  cut(from: string, to: string): void {
    this.#cuts.add(path(from, to));
    this.#notify();
  }

  /** Cuts both ways between every address of `left` and every address of `right`. */
  partition(left: readonly string[], right: readonly string[]): void {
    for (const a of left) {
      for (const b of right) this.#cuts.add(path(a, b)).add(path(b, a));
    }
    this.#notify();
  }

  /** Opens every path again. */
  heal(): void {
    this.#cuts.clear();
    this.#notify();
  }

  /** Takes `address`, or a free one when its port is 0; ADDRESS_IN_USE when somebody has it. */
  bind(address: string, endpoint: MemoryEndpoint): string {
    const bound = address.endsWith(":0") ? this.#freeAddress(address) : address;
    if (this.#endpoints.has(bound)) {
      const fields = { address: bound };
      throw transportErrors.ADDRESS_IN_USE(`${bound} is taken`, { fields });
    }
    this.#endpoints.set(bound, endpoint);
    return bound;
  }

  unbind(address: string): void {
    this.#endpoints.delete(address);
  }

  /** Who answers at `to` when asked from `from`; needs both ways, as a handshake does. */
  reach(from: string, to: string): MemoryEndpoint | undefined {
    return this.isWhole(from, to) ? this.#endpoints.get(to) : undefined;
  }

  isWhole(a: string, b: string): boolean {
    return !this.#cuts.has(path(a, b)) && !this.#cuts.has(path(b, a));
  }

  /** Whether something sent now from `from` arrives at `to`. */
  arrives(from: string, to: string): boolean {
    if (this.#cuts.has(path(from, to))) return false;
    const { lossPerMillion } = this.#options;
    return lossPerMillion === 0 || between(this.#random, 0, million) >= lossPerMillion;
  }

  delayMs(): number {
    const { delayMinMs, delayMaxMs } = this.#options;
    return delayMaxMs > delayMinMs ? between(this.#random, delayMinMs, delayMaxMs) : delayMinMs;
  }

  #freeAddress(address: string): string {
    this.#lastPort += 1;
    return address.replace(/0$/, String(this.#lastPort));
  }

  #notify(): void {
    for (const endpoint of this.#endpoints.values()) endpoint.pathsChanged();
  }
}

function path(from: string, to: string): string {
  return `${from} > ${to}`;
}
