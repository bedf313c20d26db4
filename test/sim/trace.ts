// Everything that happens in a run, as data. Its hash tells whether two runs of a seed were the same; its end is
// what a failing seed prints.
import type { Entry, Message } from "../../src/raft/types.ts";
import type { TraceItem } from "./trace-item.ts";
import { describeItem } from "./trace-words.ts";

interface Remembered {
  readonly atMs: number;
  readonly who: string;
  readonly item: TraceItem;
}

const transcriptLines = 48;
const multiplier = 0x9e3779b1;

/** What would drown the rest in a transcript. */
function isNoise(item: TraceItem): boolean {
  if (item.kind === "disk" || item.kind === "digest") return true;
  if (item.kind === "delivered") return true;
  if (item.kind !== "core") return false;
  const { event } = item;
  if (event.kind === "ready" || event.kind === "receive") return true;
  return (
    event.kind === "send" &&
    (event.message.kind === "heartbeat" || event.message.kind === "heartbeat-response")
  );
}

export class RunTrace {
  #a = 0x243f6a88;
  #b = 0x13198a2e;
  #count = 0;
  readonly #texts = new Map<string, number>();
  readonly #recent: Remembered[] = [];

  get count(): number {
    return this.#count;
  }

  add(atMs: number, who: string, item: TraceItem): void {
    this.#count += 1;
    this.#number(Math.round(atMs * 1000));
    this.#text(who);
    this.#text(item.kind);
    this.#item(item);
    if (isNoise(item)) return;
    this.#recent.push({ atMs, who, item });
    if (this.#recent.length > 2 * transcriptLines) this.#recent.splice(0, transcriptLines);
  }

  hash(): string {
    return (
      (this.#a >>> 0).toString(16).padStart(8, "0") + (this.#b >>> 0).toString(16).padStart(8, "0")
    );
  }

  /** The last events, oldest first: time, server, what. */
  transcript(): readonly string[] {
    return this.#recent.slice(-transcriptLines).map(({ atMs, who, item }) => {
      return `${atMs.toFixed(1).padStart(9)}  ${who.padEnd(5)} ${describeItem(item)}`;
    });
  }

  #item(item: TraceItem): void {
    if (item.kind === "core") {
      const { event, context } = item;
      this.#text(event.kind);
      this.#number(context.term);
      this.#number(context.commit);
      this.#text(context.role);
      this.#value(event);
    } else if (item.kind === "delivered" || item.kind === "lost") {
      this.#message(item.message);
    } else if (item.kind === "applied") {
      this.#entry(item.entry);
    } else {
      this.#value(item);
    }
  }

  #message(message: Message): void {
    this.#text(message.kind);
    this.#number(message.from);
    this.#number(message.to);
    this.#number(message.term);
    if (message.kind === "append") {
      this.#number(message.prevIndex);
      this.#number(message.commit);
      this.#number(message.entries.length);
    } else if (message.kind === "append-response") {
      this.#number(message.index);
      this.#number(message.reject ? 1 : 0);
    }
  }

  #entry(entry: Entry): void {
    this.#number(entry.index);
    this.#number(entry.term);
    this.#bytes(entry.data);
  }

  #value(value: unknown): void {
    if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (typeof value === "boolean") this.#number(value ? 1 : 2);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (Array.isArray(value)) for (const each of value) this.#value(each);
    else if (typeof value === "object" && value !== null) this.#object(value);
    else this.#number(-1);
  }

  #object(value: object): void {
    if ("kind" in value && "from" in value && "to" in value) {
      this.#message(value as Message);
      return;
    }
    for (const each of Object.values(value)) this.#value(each);
  }

  #bytes(bytes: Uint8Array): void {
    let sum = bytes.length;
    for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
    this.#number(sum);
  }

  #text(text: string): void {
    let known = this.#texts.get(text);
    if (known === undefined) {
      known = 0x811c9dc5;
      for (let at = 0; at < text.length; at += 1) {
        known = Math.imul(known ^ text.charCodeAt(at), 0x01000193);
      }
      this.#texts.set(text, known);
    }
    this.#number(known);
  }

  #number(value: number): void {
    this.#a = Math.imul(this.#a ^ (value | 0), multiplier);
    this.#a ^= this.#a >>> 15;
    this.#b = Math.imul(this.#b + (this.#a ^ Math.floor(value / 0x1_0000_0000)), 0x85ebca6b);
    this.#b ^= this.#b >>> 13;
  }
}
