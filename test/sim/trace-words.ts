// Words for the transcript of a failing seed.
import type { TraceEvent } from "../../src/raft/trace.ts";
import type { MembershipState, Message } from "../../src/raft/types.ts";
import type { TraceItem } from "./trace-item.ts";

/** Said before the rest of a message. */
const inHead: ReadonlySet<string> = new Set(["kind", "from", "to", "term"]);

const kindOnly: ReadonlySet<string> = new Set(["kind"]);

function fieldsOf(value: object, said: ReadonlySet<string> = kindOnly): string {
  return Object.entries(value)
    .filter(([name]) => !said.has(name))
    .map(([name, field]) => `${name}=${wordOf(field)}`)
    .join(" ");
}

function wordOf(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length}B`;
  if (Array.isArray(value)) return `[${value.map(wordOf).join(",")}]`;
  if (typeof value === "object" && value !== null) return `{${fieldsOf(value)}}`;
  return String(value);
}

function describeMessage(message: Message): string {
  const head = `${message.kind} ${message.from}>${message.to} term ${message.term}`;
  if (message.kind !== "append") return `${head} ${fieldsOf(message, inHead)}`;
  const { prevIndex, prevTerm, entries, commit, progressId } = message;
  return `${head} after ${prevIndex}/${prevTerm} +${entries.length} commit ${commit} progress ${progressId}`;
}

function describeMembership(membership: MembershipState): string {
  const { voters, learners, votersOutgoing, learnersNext } = membership;
  const parts = [`voters ${voters.join(",")}`];
  if (learners.length > 0) parts.push(`learners ${learners.join(",")}`);
  if (votersOutgoing.length > 0) parts.push(`outgoing ${votersOutgoing.join(",")}`);
  if (learnersNext.length > 0) parts.push(`next ${learnersNext.join(",")}`);
  return parts.join(" ");
}

function describeEvent(event: TraceEvent): string {
  if ("message" in event) {
    const { message, ...rest } = event;
    return `${event.kind} ${fieldsOf(rest)} ${describeMessage(message)}`.replace(/ +/g, " ");
  }
  if (event.kind === "apply-conf-change")
    return `${event.kind} ${describeMembership(event.membership)}`;
  return `${event.kind} ${fieldsOf(event)}`;
}

export function describeItem(item: TraceItem): string {
  switch (item.kind) {
    case "core": {
      const { term, role, commit } = item.context;
      return `[${role} t${term} c${commit}] ${describeEvent(item.event)}`;
    }
    case "delivered":
    case "lost":
      return `${item.kind} ${describeMessage(item.message)}`;
    case "applied":
      return `applied ${item.entry.index}/${item.entry.term} ${item.entry.type}`;
    case "disk":
      return `disk ${item.what} ${item.bytes} B`;
    case "digest":
      return `state at ${item.index} is ${item.digest}`;
    case "process":
    case "fault":
    case "client":
      return `${item.kind === "fault" ? "*** " : ""}${item.what}`;
  }
}
