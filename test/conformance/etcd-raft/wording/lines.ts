// What a table of log lines is made of.
import type { PeerId } from "../../../../src/base/numbers.ts";
import type { EntryId, TraceContext, TraceEvent } from "../../../../src/raft/trace.ts";
import type { Level } from "../interaction/output.ts";
import { hex } from "./go-format.ts";

export type EventOf<
  K extends TraceEvent["kind"],
  E extends TraceEvent = TraceEvent,
> = E extends unknown ? (K extends E["kind"] ? E : never) : never;

export type Line = readonly [level: Level, text: string];

/** What each kind of event is worth in lines; kinds that are not listed are none. */
export type Lines = {
  readonly [K in TraceEvent["kind"]]?: (
    event: EventOf<K>,
    context: TraceContext,
  ) => readonly Line[];
};

/** "1 [logterm: 2, index: 3", for more to follow before the bracket closes. */
export function positionText(id: PeerId, { term, index }: EntryId): string {
  return `${hex(id)} [logterm: ${term}, index: ${index}`;
}
