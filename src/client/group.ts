import type { Caller } from "./caller.ts";
import type { Writer } from "./writer.ts";

/** What every group of methods is made of. */
export interface GroupContext {
  readonly caller: Caller;
  readonly writer: Writer;
  /** Uploads and downloads take longer than calls. */
  readonly transferDeadlineMs: number;
  /** Date.now() at which a call that begins now ends. */
  untilMs(deadlineMs?: number): number;
}

export interface CallOptions {
  /** Default: the client's. */
  readonly deadlineMs?: number;
}
