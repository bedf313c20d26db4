// One direction of one stream: a bounded queue that becomes one frame, one gRPC write, at the end of each
// event-loop turn. Frames wait here, not in gRPC, while the socket is full: only what waits here is bounded by
// us. Nothing is promised about what waits when the stream breaks.
import type { Clock } from "../../base/clock.ts";
import {
  frameBytesMax,
  type LaneLimits,
  unflushedBytesMax,
  unflushedFramesMax,
} from "../limits.ts";
import { putVarint, varintBytes } from "./protobuf.ts";

/** One length-delimited protobuf field of the frame. */
export interface LaneItem {
  readonly key: number;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** `written` is set when the item was handed to gRPC; a `withdrawn` item is skipped. */
  state: "queued" | "written" | "withdrawn";
}

export interface LaneWriterModules {
  readonly clock: Clock;
  /** Hands a frame to the stream; `flushed` is called once the stream has taken it. */
  readonly write: (frame: Buffer, flushed: () => void) => void;
}

const keyBytes = 1;

function contentBytes(item: LaneItem): number {
  return item.head.length + item.tail.length;
}

function fieldBytes(item: LaneItem): number {
  const content = contentBytes(item);
  return keyBytes + varintBytes(content) + content;
}

export class LaneWriter {
  readonly #limits: LaneLimits;
  readonly #modules: LaneWriterModules;
  #items: LaneItem[] = [];
  /** Items before this position are written. */
  #start = 0;
  #queuedBytes = 0;
  #unflushedBytes = 0;
  #unflushedFrames = 0;
  #isScheduled = false;
  #isClosed = false;

  constructor(limits: LaneLimits, modules: LaneWriterModules) {
    this.#limits = limits;
    this.#modules = modules;
  }

  /** Queues `item` for the end of this turn; false when a limit is reached and nothing was queued. */
  push(item: LaneItem): boolean {
    const waiting = this.#items.length - this.#start;
    const bytes = this.#queuedBytes + contentBytes(item);
    const { queueBytesMax, queueMessagesMax } = this.#limits;
    if (this.#isClosed || waiting >= queueMessagesMax || bytes > queueBytesMax) return false;
    this.#items.push(item);
    this.#queuedBytes = bytes;
    this.#schedule();
    return true;
  }

  /** Writes what the stream takes now, without waiting for the end of the turn. */
  flush(): void {
    while (!this.#isClosed && this.#start < this.#items.length && this.#hasRoom()) {
      this.#write(this.#takeFrame());
    }
    if (this.#start === this.#items.length) {
      this.#items = [];
      this.#start = 0;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#items = [];
    this.#start = 0;
  }

  #hasRoom(): boolean {
    return this.#unflushedFrames < unflushedFramesMax && this.#unflushedBytes < unflushedBytesMax;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#modules.clock.yield(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  #write(frame: Buffer): void {
    if (frame.length === 0) return;
    this.#unflushedBytes += frame.length;
    this.#unflushedFrames += 1;
    this.#modules.write(frame, () => {
      const wasFull = !this.#hasRoom();
      this.#unflushedBytes -= frame.length;
      this.#unflushedFrames -= 1;
      if (wasFull) this.#schedule();
    });
  }

  /** The next frame: as many items as fit below `frameBytesMax`, at least one. */
  #takeFrame(): Buffer {
    const batch: LaneItem[] = [];
    let size = 0;
    for (; this.#start < this.#items.length; this.#start += 1) {
      const item = this.#items[this.#start];
      if (item === undefined) break;
      const bytes = item.state === "withdrawn" ? 0 : fieldBytes(item);
      if (size > 0 && size + bytes > frameBytesMax) break;
      this.#queuedBytes -= contentBytes(item);
      size += bytes;
      if (bytes > 0) batch.push(item);
    }
    return fill(Buffer.allocUnsafe(size), batch);
  }
}

function fill(frame: Buffer, items: readonly LaneItem[]): Buffer {
  let at = 0;
  for (const item of items) {
    frame[at] = item.key;
    at = putVarint(frame, at + keyBytes, contentBytes(item));
    frame.set(item.head, at);
    frame.set(item.tail, at + item.head.length);
    at += contentBytes(item);
    item.state = "written";
  }
  return frame;
}
