// An accepted connection from one server to another: two lanes there, calls there and back, pulls back.
import type { Cancel } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { Message } from "../../raft/types.ts";
import type { Lane, PullPiece, PullSource } from "../contract.ts";
import { codedError, transportErrors } from "../errors.ts";
import type { TransportLimits } from "../limits.ts";
import { MemoryLane } from "./memory-lane.ts";
import type { MemoryEndpoint, MemoryNetwork, MemoryStream } from "./memory-network.ts";

export interface ConnectionOptions {
  readonly from: PeerId;
  readonly fromAddress: string;
  readonly toAddress: string;
  readonly limits: TransportLimits;
}

export interface ConnectionModules {
  readonly network: MemoryNetwork;
  readonly remote: MemoryEndpoint;
  /** Once, when the connection broke and was not closed by its owner. */
  readonly onBroken: (reason: string) => void;
}

export interface MemoryCall {
  readonly name: string;
  readonly payload: Uint8Array;
  readonly deadlineMs: number;
}

interface PendingCall {
  readonly settle: (outcome: Uint8Array | QuorateError) => void;
}

const messageOverheadBytes = 32;
const controlItemsPerTurnMax = 1024;
const bulkItemsPerTurnMax = 1;

export class MemoryConnection implements MemoryStream {
  readonly #options: ConnectionOptions;
  readonly #modules: ConnectionModules;
  readonly #lanes: Readonly<Record<Lane, MemoryLane>>;
  readonly #answers: MemoryLane;
  readonly #pending = new Set<PendingCall>();
  readonly #pullBreakers = new Set<(error: QuorateError) => void>();
  #isOpen = true;

  constructor(options: ConnectionOptions, modules: ConnectionModules) {
    this.#options = options;
    this.#modules = modules;
    const { clock } = modules.network;
    const control = { ...options.limits.control, itemsPerTurnMax: controlItemsPerTurnMax };
    const bulk = { ...options.limits.bulk, itemsPerTurnMax: bulkItemsPerTurnMax };
    this.#lanes = { control: new MemoryLane(control, clock), bulk: new MemoryLane(bulk, clock) };
    this.#answers = new MemoryLane(control, clock);
  }

  /** False when a limit is reached. */
  push(lane: Lane, message: Message): boolean {
    const arrive = (): void => {
      this.#modules.remote.receive(message);
    };
    return this.#there(this.#lanes[lane], arrive, messageBytes(message));
  }

  call(call: MemoryCall): Promise<Uint8Array> {
    const { limits } = this.#options;
    if (this.#pending.size >= limits.callsInFlightMax) {
      return Promise.reject(limitReached("callsInFlightMax"));
    }
    return new Promise((resolve, reject) => {
      let cancelDeadline: Cancel = () => undefined;
      const pending: PendingCall = {
        settle: (outcome) => {
          cancelDeadline();
          this.#pending.delete(pending);
          if (outcome instanceof Uint8Array) resolve(outcome);
          else reject(outcome);
        },
      };
      const serve = (): void => {
        void this.#serve(call, pending);
      };
      if (!this.#there(this.#lanes.control, serve, call.payload.length)) {
        reject(limitReached("control queue"));
        return;
      }
      this.#pending.add(pending);
      cancelDeadline = this.#modules.network.clock.after(call.deadlineMs, () => {
        const text = `no answer to ${call.name} within ${String(call.deadlineMs)} ms`;
        pending.settle(transportErrors.OUTCOME_UNKNOWN(text));
      });
    });
  }

  async *pull(source: PullSource): AsyncGenerator<PullPiece> {
    const { network, remote } = this.#modules;
    const { from, fromAddress, toAddress } = this.#options;
    const pieces = remote.servePull(from, source)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#unlessBroken(pieces.next());
        if (!network.isWhole(fromAddress, toAddress)) {
          throw transportErrors.UNREACHABLE("the pull came to a standstill");
        }
        if (next.done === true) return;
        yield next.value;
      }
    } catch (thrown) {
      throw codedError(thrown);
    } finally {
      // Not awaited: a piece that is still being read over there must not hold up the receiver.
      void pieces.return?.();
    }
  }

  /** The far end or the path is gone. */
  break(reason: string): void {
    if (!this.#isOpen) return;
    this.close(reason);
    this.#modules.onBroken(reason);
  }

  close(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#modules.remote.detach(this);
    for (const lane of [this.#lanes.control, this.#lanes.bulk, this.#answers]) lane.close();
    for (const pending of [...this.#pending]) {
      pending.settle(transportErrors.OUTCOME_UNKNOWN(reason));
    }
    const error = transportErrors.UNREACHABLE(reason);
    for (const breakPull of [...this.#pullBreakers]) breakPull(error);
  }

  #there(lane: MemoryLane, arrive: () => void, bytes: number): boolean {
    const { network } = this.#modules;
    const { fromAddress, toAddress } = this.#options;
    const deliver = (): void => {
      if (network.arrives(fromAddress, toAddress)) arrive();
    };
    return lane.push(deliver, bytes + messageOverheadBytes, network.delayMs());
  }

  async #serve(call: MemoryCall, pending: PendingCall): Promise<void> {
    const { network, remote } = this.#modules;
    const { from, fromAddress, toAddress } = this.#options;
    const outcome = await remote.serveCall(from, call.name, call.payload).catch(codedError);
    const bytes = outcome instanceof Uint8Array ? outcome.length : 0;
    const settle = (): void => {
      if (network.arrives(toAddress, fromAddress)) pending.settle(outcome);
    };
    if (this.#isOpen) this.#answers.push(settle, bytes, network.delayMs());
  }

  #unlessBroken<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const broken = (error: QuorateError): void => {
        reject(error);
      };
      this.#pullBreakers.add(broken);
      const done = (): void => {
        this.#pullBreakers.delete(broken);
      };
      work.then(resolve, reject).finally(done);
      if (!this.#isOpen) broken(transportErrors.UNREACHABLE("the connection is closed"));
    });
  }
}

function messageBytes(message: Message): number {
  let bytes = messageOverheadBytes;
  if (message.kind === "append") {
    for (const entry of message.entries) bytes += entry.data.length + messageOverheadBytes;
  }
  return bytes;
}

function limitReached(limit: string): QuorateError {
  return transportErrors.LIMIT_REACHED(`the limit ${limit} is reached`, { fields: { limit } });
}
