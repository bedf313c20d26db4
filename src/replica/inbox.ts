// What peers sent since the last turn. Bounded by count and bytes: over the bound the newest message is dropped
// and counted, because Raft repeats what matters and a flood must not cost the server its memory.
import type { Message } from "../raft/types.ts";

export interface InboxOptions {
  readonly inboxMessagesMax: number;
  readonly inboxBytesMax: number;
}

function payloadBytes(message: Message): number {
  if (message.kind !== "append") return 0;
  let bytes = 0;
  for (const entry of message.entries) bytes += entry.data.length;
  return bytes;
}

export class Inbox {
  readonly #options: InboxOptions;
  #messages: Message[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** False = dropped. */
  add(message: Message): boolean {
    const bytes = payloadBytes(message);
    const full =
      this.#messages.length >= this.#options.inboxMessagesMax ||
      this.#bytes + bytes > this.#options.inboxBytesMax;
    if (full) {
      this.#dropped += 1;
      return false;
    }
    this.#messages.push(message);
    this.#bytes += bytes;
    return true;
  }

  /** Everything, in order; the inbox is empty afterwards. */
  take(): readonly Message[] {
    const taken = this.#messages;
    if (taken.length > 0) this.#messages = [];
    this.#bytes = 0;
    return taken;
  }

  get dropped(): number {
    return this.#dropped;
  }
}
