import type { TraceContext, TraceEvent } from "../../src/raft/trace.ts";
import type { Entry, Message } from "../../src/raft/types.ts";

/** One thing that happened in a run. */
export type TraceItem =
  | { readonly kind: "core"; readonly event: TraceEvent; readonly context: TraceContext }
  | { readonly kind: "delivered" | "lost"; readonly message: Message }
  | { readonly kind: "disk"; readonly what: string; readonly bytes: number }
  | { readonly kind: "applied"; readonly entry: Entry }
  | { readonly kind: "digest"; readonly index: number; readonly digest: string }
  | { readonly kind: "process" | "fault" | "client"; readonly what: string };
