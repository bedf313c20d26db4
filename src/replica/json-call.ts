// Leader-link calls that people or machines make a few times per second carry JSON: readable in a capture and
// forgiving between versions. What is hot (proposals) has its own binary call.
import type { PeerId } from "../base/numbers.ts";
import type { CallContext, LeaderLink } from "./contract.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A named call with the types of its two sides; both ends import the same constant. */
export interface JsonCall<Request, Answer> {
  /** `<room>.<verb>` */
  readonly name: string;
  /** Never set: carries the types. */
  readonly types?: { readonly request: Request; readonly answer: Answer };
}

export function jsonCall<Request, Answer>(name: string): JsonCall<Request, Answer> {
  return { name };
}

function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value ?? null));
}

// The peer is a server of this cluster that was admitted with the same call table, so its JSON is trusted to have
// the declared shape; what people send is validated at the doors.
function decode(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/** Registers `handler` for the leader. */
export function handleOnLeader<Request, Answer>(
  link: LeaderLink,
  call: JsonCall<Request, Answer>,
  handler: (request: Request, context: CallContext) => Promise<Answer>,
): void {
  link.register(call.name, async (bytes, context) =>
    encode(await handler(decode(bytes) as Request, context)),
  );
}

/** Registers `handler` for calls meant for this very server. */
export function handleOnPeer<Request, Answer>(
  link: LeaderLink,
  call: JsonCall<Request, Answer>,
  handler: (request: Request, context: CallContext) => Promise<Answer>,
): void {
  link.registerPeerCall(call.name, async (bytes, context) =>
    encode(await handler(decode(bytes) as Request, context)),
  );
}

export interface CallTarget {
  /** Undefined = the leader. */
  readonly peer?: PeerId;
  readonly deadlineMs: number;
}

/** Makes the call on the leader or on one peer; rejects with the handler's coded error. */
export async function callJson<Request, Answer>(
  link: LeaderLink,
  call: { readonly call: JsonCall<Request, Answer>; readonly request: Request },
  target: CallTarget,
): Promise<Answer> {
  const bytes = encode(call.request);
  const answer =
    target.peer === undefined
      ? await link.call(call.call.name, bytes, target.deadlineMs)
      : await link.callPeer(target.peer, call.call.name, bytes, target.deadlineMs);
  return decode(answer) as Answer;
}
