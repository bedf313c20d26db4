// What must hold after every entry, whatever the entries were.
import type { MembershipInForce, StateReader } from "../../../src/state/reader.ts";
import type { AssignmentRow } from "../../../src/state/rows.ts";

/** Remembered from entry to entry: the highest epoch and its owner, by job. */
export type Holders = Map<string, { readonly epoch: number; readonly session: number }>;

export interface Bounds {
  readonly eventsMax: number;
  readonly eventsPerSubjectMax: number;
  readonly clientSessionsMax: number;
}

export function violations(state: StateReader, holders: Holders, bounds: Bounds): string[] {
  return [
    ...state.assignments().flatMap((row) => rowViolations(row, state, holders)),
    ...tableViolations(state),
    ...chunkViolations(state),
    ...boundViolations(state, bounds),
  ];
}

function rowViolations(row: AssignmentRow, state: StateReader, holders: Holders): string[] {
  const found: string[] = [];
  const { jobId, assignment, epoch } = row;
  const known = holders.get(jobId);
  if (known !== undefined && epoch < known.epoch) found.push(`${jobId}: epoch went back`);
  const held = assignment.state === "assigned" || assignment.state === "revoking";
  if (held) {
    const { owner } = assignment;
    if (state.session(owner.session)?.state !== "active") found.push(`${jobId}: owner has ended`);
    if (known?.epoch === epoch && known.session !== owner.session) {
      found.push(`${jobId}: two owners in epoch ${String(epoch)}`);
    }
    if (assignment.state === "assigned" && state.job(jobId)?.desired !== "running") {
      found.push(`${jobId}: assigned and not wanted`);
    }
    holders.set(jobId, { epoch, session: owner.session });
  }
  if (assignment.state === "pending" && state.job(jobId)?.desired !== "running") {
    found.push(`${jobId}: pending and not wanted`);
  }
  return found;
}

function tableViolations(state: StateReader): string[] {
  const found: string[] = [];
  const jobs = state.jobs().map((job) => job.jobId);
  const rows = state.assignments().map((row) => row.jobId);
  if (jobs.join() !== rows.join()) found.push("jobs and assignments differ");
  const names = state.jobs().filter((job) => job.desired !== "deleted");
  if (new Set(names.map((job) => `${job.namespace}/${job.name}`)).size < names.length) {
    found.push("two jobs with one name");
  }
  for (const { key, version } of state.kvList("once/")) {
    if (version > 1) found.push(`${key} was executed twice`);
  }
  for (const server of state.servers()) {
    if (server.role !== roleIn(state.membership, server.peerId)) found.push("a wrong role");
  }
  return found;
}

function roleIn(membership: MembershipInForce, peer: number): string {
  const voters: readonly number[] = [...membership.voters, ...membership.votersOutgoing];
  if (voters.includes(peer)) return "voter";
  return (membership.learners as readonly number[]).includes(peer) ? "learner" : "removed";
}

/** The reference counts, counted anew. */
function chunkViolations(state: StateReader): string[] {
  const live = new Set(
    state.resources().flatMap((row) => row.manifest.chunks.map((chunk) => chunk.digest)),
  );
  const pinned = state.uploads().flatMap((row) => row.chunks.map((chunk) => chunk.digest));
  const needed = [...new Set([...live, ...pinned])].sort();
  const found: string[] = [];
  if ([...live].sort().join() !== state.liveDigests().join()) found.push("live digests are wrong");
  if (needed.join() !== state.neededDigests().join()) found.push("needed digests are wrong");
  return found;
}

function boundViolations(state: StateReader, bounds: Bounds): string[] {
  const found: string[] = [];
  const { events, clientSessions } = state.stats();
  if (events > bounds.eventsMax) found.push("too many events");
  if (clientSessions > bounds.clientSessionsMax) found.push("too many client sessions");
  const perSubject = new Map<string, number>();
  for (const { subject } of state.events()) {
    perSubject.set(subject, (perSubject.get(subject) ?? 0) + 1);
  }
  if (Math.max(0, ...perSubject.values()) > bounds.eventsPerSubjectMax) {
    found.push("too many events of one subject");
  }
  return found;
}
