// One server's connection to another: three lanes there (control, bulk, pull), one back for answers. Each lane
// keeps its order. What meets a cut path waits at the cut and goes on when the path is mended.
import type { QuorateError } from "../../src/base/errors.ts";
import type { Message } from "../../src/raft/types.ts";
import type { Lane } from "../../src/transport/contract.ts";
import { transportErrors } from "../../src/transport/errors.ts";
import { decodeMessage, MessageEncoder } from "../../src/transport/message-codec.ts";
import type { Endpoint, SimNetwork, Wire } from "./network.ts";
import type { Owner } from "./schedule.ts";

type Direction = "there" | "back";
type LaneName = Lane | "pull" | "answers";

interface LaneState {
  lastDueMs: number;
  /** At the cut, in order. */
  readonly waiting: (() => void)[];
}

export interface ConnectionOptions {
  readonly from: string;
  readonly to: string;
  readonly local: Owner;
  readonly remote: Endpoint;
}

const encoder = new MessageEncoder();

/** A message as the other end reads it: through the shipped codec, sharing no memory. */
function copyOf(message: Message): Message {
  const { head, tail } = encoder.encode(message);
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return decodeMessage(bytes);
}

export class Connection implements Wire {
  readonly from: string;
  readonly to: string;
  readonly remote: Endpoint;
  readonly #local: Owner;
  readonly #network: SimNetwork;
  readonly #onBroken: () => void;
  readonly #lanes = new Map<LaneName, LaneState>();
  /** Calls and pulls that wait for something from the other end. */
  readonly #waiters = new Set<(reason: string) => void>();
  #isOpen = true;

  constructor(options: ConnectionOptions, modules: { network: SimNetwork; onBroken: () => void }) {
    this.from = options.from;
    this.to = options.to;
    this.remote = options.remote;
    this.#local = options.local;
    this.#network = modules.network;
    this.#onBroken = modules.onBroken;
    this.#network.attach(this);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A Raft message; whether and when it arrives is up to the weather. */
  send(lane: Lane, message: Message): void {
    if (this.#network.weather.mode === "stream") {
      this.#push(lane, "there", () => this.#arrive(message));
      return;
    }
    if (this.#network.isLost()) {
      this.#lose(message);
      return;
    }
    this.#datagram(lane, message);
    if (this.#network.isDuplicated()) this.#datagram(lane, message);
  }

  /** Runs `arrive` at the other end, in order with the rest of the lane. */
  there(lane: LaneName, arrive: () => void): void {
    this.#push(lane, "there", arrive);
  }

  back(arrive: () => void): void {
    this.#push("answers", "back", arrive);
  }

  /** Calls `broken` when the connection ends before the returned function is called. */
  watch(broken: (reason: string) => void): () => void {
    this.#waiters.add(broken);
    return () => this.#waiters.delete(broken);
  }

  /** Everything on its way is lost. The owner is told, unless it closed the connection itself. */
  break(reason: string): void {
    if (!this.#isOpen) return;
    this.close(reason);
    if (this.#local.isAlive) this.#network.schedule.after(0, this.#local, this.#onBroken);
  }

  close(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#network.detach(this);
    this.#lanes.clear();
    for (const broken of [...this.#waiters]) broken(reason);
    this.#waiters.clear();
  }

  /** Silence on a cut path is noticed sooner or later. */
  pathCut(): void {
    const network = this.#network;
    if (network.isWhole(this.from, this.to)) return;
    network.schedule.after(network.silenceMs(), undefined, () => {
      if (!network.isWhole(this.from, this.to)) this.break("the peer fell silent");
    });
  }

  pathMended(): void {
    for (const [name, lane] of this.#lanes) {
      const direction = name === "answers" ? "back" : "there";
      if (!this.#mayPass(direction)) continue;
      for (const arrive of lane.waiting.splice(0)) this.#push(name, direction, arrive);
    }
  }

  #push(name: LaneName, direction: Direction, arrive: () => void): void {
    const network = this.#network;
    const lane = this.#lane(name);
    const owner = direction === "there" ? this.remote.owner : this.#local;
    lane.lastDueMs = Math.max(
      lane.lastDueMs,
      network.schedule.nowMs + network.laneDelayMs(name === "control"),
    );
    network.schedule.after(lane.lastDueMs - network.schedule.nowMs, owner, () => {
      if (!this.#isOpen) return;
      if (this.#mayPass(direction) && lane.waiting.length === 0) arrive();
      else lane.waiting.push(arrive);
    });
  }

  #lane(name: LaneName): LaneState {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { lastDueMs: 0, waiting: [] };
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  #mayPass(direction: Direction): boolean {
    return direction === "there"
      ? this.#network.isOpen(this.from, this.to)
      : this.#network.isOpen(this.to, this.from);
  }

  #datagram(lane: Lane, message: Message): void {
    const { schedule } = this.#network;
    schedule.after(this.#network.laneDelayMs(lane === "control"), this.remote.owner, () => {
      if (this.#isOpen && this.#mayPass("there")) this.#arrive(message);
      else this.#lose(message);
    });
  }

  #arrive(message: Message): void {
    const { trace, schedule } = this.#network;
    trace.add(schedule.nowMs, this.to.replace(/:.*/, ""), { kind: "delivered", message });
    this.remote.transport.receive(copyOf(message));
  }

  #lose(message: Message): void {
    const { trace, schedule } = this.#network;
    trace.add(schedule.nowMs, this.from.replace(/:.*/, ""), { kind: "lost", message });
  }
}

export function brokenCall(reason: string): QuorateError {
  return transportErrors.OUTCOME_UNKNOWN(reason);
}

export function brokenPull(reason: string): QuorateError {
  return transportErrors.UNREACHABLE(reason);
}
