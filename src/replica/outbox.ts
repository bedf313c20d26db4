// Chooses the lane of a message. Appends always go by *bulk*, whatever their size, and everything else by
// *control*: appends of one peer then never overtake each other (a small one ahead of a large one would be
// rejected and cost a probe), and a megabyte still never delays a heartbeat, a vote or an acknowledgement.
//
// It is also the gate of the append-stall watchdog: a muted outbox sends nothing that would keep followers loyal.
import type { PeerId } from "../base/numbers.ts";
import type { Message } from "../raft/types.ts";
import type { Lane, Transport } from "../transport/contract.ts";

export interface OutboxModules {
  readonly transport: Pick<Transport, "send">;
  /** A snapshot was announced to `peer`. */
  readonly onSnapshotAnnounced: (peer: PeerId) => void;
}

export class Outbox {
  readonly #modules: OutboxModules;
  #isMuted = false;

  constructor(modules: OutboxModules) {
    this.#modules = modules;
  }

  send(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const control: Message[] = [];
    const bulk: Message[] = [];
    for (const message of messages) {
      if (this.#isMuted && keepsLoyal(message)) continue;
      if (message.kind === "append") bulk.push(message);
      else control.push(message);
      if (message.kind === "snapshot") this.#modules.onSnapshotAnnounced(message.to);
    }
    this.#sendAll("control", control);
    this.#sendAll("bulk", bulk);
  }

  mute(): void {
    this.#isMuted = true;
  }

  unmute(): void {
    this.#isMuted = false;
  }

  #sendAll(lane: Lane, messages: readonly Message[]): void {
    if (messages.length > 0) this.#modules.transport.send(lane, messages);
  }
}

/** A follower that gets it waits for another election timeout. */
function keepsLoyal(message: Message): boolean {
  return message.kind === "heartbeat" || message.kind === "append" || message.kind === "snapshot";
}
