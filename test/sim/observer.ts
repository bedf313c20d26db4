// Connects the servers with the checkers. Core events are looked at as they happen; the rest after each step, and
// only on the server that the step belonged to: nothing else can have changed.
import { messageOf, QuorateError } from "../../src/base/errors.ts";
import { plus, index as toIndex } from "../../src/base/numbers.ts";
import type { CoreView } from "../../src/raft/invariants.ts";
import type { TraceContext, TraceEvent, TraceSink } from "../../src/raft/trace.ts";
import type { Entry, MembershipState, Message } from "../../src/raft/types.ts";
import { CommitEvidence } from "./checkers/commit-evidence.ts";
import { CommittedLog } from "./checkers/committed-log.ts";
import { CommittedOnQuorum, type VotersInForce } from "./checkers/committed-on-quorum.ts";
import { DurablePromises } from "./checkers/durable-promises.ts";
import { ElectedByQuorum } from "./checkers/elected-by-quorum.ts";
import { ElectionSafety } from "./checkers/election-safety.ts";
import { FailStop } from "./checkers/fail-stop.ts";
import { LeaderCompleteness } from "./checkers/leader-completeness.ts";
import { LogMatching } from "./checkers/log-matching.ts";
import { Loyalty } from "./checkers/loyalty.ts";
import { MembershipAgreement } from "./checkers/membership-agreement.ts";
import { Monotonic } from "./checkers/monotonic.ts";
import { OnePeerPerMachine } from "./checkers/one-peer-per-machine.ts";
import { Ordering } from "./checkers/ordering.ts";
import { QuorumContact } from "./checkers/quorum-contact.ts";
import type { Report } from "./checkers/report.ts";
import { SingleVote } from "./checkers/single-vote.ts";
import { SoundDisk } from "./checkers/sound-disk.ts";
import { StateDigests } from "./checkers/state-digests.ts";
import { StateMachineSafety } from "./checkers/state-machine-safety.ts";
import { VersionOnMajority } from "./checkers/version-on-majority.ts";
import { checkerOf } from "./outcome.ts";
import type { Schedule } from "./schedule.ts";
import type { ServerObserver, SimServer } from "./server.ts";
import { Forgotten } from "./storage/data-directory.ts";
import type { RunTrace } from "./trace.ts";

/** What is remembered of a server between two looks. */
interface Seen {
  /** Terms of its log, unstable entries included, by index. */
  terms: (number | undefined)[];
  first: number;
  last: number;
  commit: number;
  applied: number;
  /** The log may have changed from here on; undefined = it has not. */
  dirtyFrom: number | undefined;
  hasBecomeLeader: boolean;
  hasInstalled: boolean;
  /** The leader told it to campaign at once. */
  isTold: boolean;
  membership: MembershipState;
  /** Put in force since the last look. */
  newMemberships: MembershipState[];
}

export interface ObserverModules {
  readonly schedule: Schedule;
  readonly trace: RunTrace;
  readonly report: Report;
  readonly serverOfPeer: (peer: number) => SimServer | undefined;
  /** A replica gave up because its disk failed: the process is to end. */
  readonly onFailed: (server: SimServer) => void;
  /** Its data was found damaged: it must never run again as it is. */
  readonly onDamaged: (server: SimServer) => void;
  readonly onLed: (server: SimServer) => void;
  /** The process is of no use any more. */
  readonly onRemoved: (server: SimServer) => void;
}

/** States are compared at every so manieth index, after every snapshot, and at the end. */
const digestEvery = 8;

export class Observer implements ServerObserver {
  readonly #modules: ObserverModules;
  readonly #seen = new Map<SimServer, Seen>();
  readonly elections: ElectionSafety;
  readonly committedLog: CommittedLog;
  readonly #completeness: LeaderCompleteness;
  readonly #matching: LogMatching;
  readonly #quorum: CommittedOnQuorum;
  readonly #applied: StateMachineSafety;
  readonly #ordering: Ordering;
  readonly #monotonic: Monotonic;
  readonly #votes: SingleVote;
  readonly #promises: DurablePromises;
  readonly #digests: StateDigests;
  readonly #failStop: FailStop;
  readonly #elected: ElectedByQuorum;
  readonly #evidence: CommitEvidence;
  readonly #contact: QuorumContact;
  readonly #agreement: MembershipAgreement;
  readonly #loyalty: Loyalty;
  readonly #disk: SoundDisk;
  readonly versions: VersionOnMajority;
  readonly #machines: OnePeerPerMachine;
  /** By the index of the entry that put them in force. */
  readonly #memberships = new Map<number, MembershipState>();
  newestMembershipIndex = 0;
  #newestRevision = 0;
  snapshotsInstalled = 0;

  constructor(modules: ObserverModules) {
    const { report } = modules;
    this.#modules = modules;
    this.elections = new ElectionSafety(report);
    this.committedLog = new CommittedLog(report);
    this.#completeness = new LeaderCompleteness(report, this.committedLog);
    this.#matching = new LogMatching(report);
    this.#quorum = new CommittedOnQuorum(report);
    this.#applied = new StateMachineSafety(report);
    this.#ordering = new Ordering(report);
    this.#monotonic = new Monotonic(report);
    this.#votes = new SingleVote(report);
    this.#promises = new DurablePromises(report);
    this.#digests = new StateDigests(report);
    this.#failStop = new FailStop(report);
    this.#elected = new ElectedByQuorum(report);
    this.#evidence = new CommitEvidence(report);
    this.#contact = new QuorumContact(report);
    this.#agreement = new MembershipAgreement(report);
    this.#loyalty = new Loyalty(report);
    this.#disk = new SoundDisk(report);
    this.versions = new VersionOnMajority(report);
    const machineOf = (peer: number): string =>
      modules.serverOfPeer(peer)?.profile.serverId ?? `unknown ${peer}`;
    this.#machines = new OnePeerPerMachine(report, machineOf);
  }

  booted(server: SimServer): void {
    const { view } = server.data.log;
    const { term, vote, commit } = view.initialHardState();
    const snapshot = view.snapshot();
    const first = view.firstIndex();
    this.#failStop.booted(server.name);
    this.#contact.booted(server.name);
    const marks = { term, vote, commit, applied: snapshot.index };
    this.#monotonic.booted(server.name, marks);
    this.#seen.set(server, {
      terms: [],
      first,
      last: first - 1,
      commit: first - 1,
      applied: snapshot.index,
      dirtyFrom: first,
      hasBecomeLeader: false,
      hasInstalled: false,
      isTold: false,
      membership: snapshot.membership,
      newMemberships: [],
    });
  }

  readonly sink = (server: SimServer): TraceSink => {
    return { record: (event, context) => this.#core(server, event, context) };
  };

  sent(server: SimServer): void {
    this.#failStop.sent(server.name);
  }

  failed(server: SimServer, error: unknown): void {
    const isCorrupt = findsDamage(error);
    const isExpected = isCorrupt || hasCode(error, "QUORATE_STORAGE_WRITE_FAILED");
    server.note(`gives up: ${messageOf(error)}`);
    this.#failStop.failed(server.name, reasonOf(error), isExpected ? undefined : checkerOf(error));
    if (isCorrupt) this.damaged(server, error);
    else this.#modules.onFailed(server);
  }

  damaged(server: SimServer, error: unknown): void {
    if (error instanceof Forgotten) {
      this.#disk.forgot(server.name, error.message);
    } else if (findsDamage(error)) {
      server.note(`finds its data damaged: ${messageOf(error)}`);
      this.#disk.complained(server.name, reasonOf(error), server.wasDamaged);
    } else {
      const detail = `${server.name} cannot open its data: ${reasonOf(error)}`;
      this.#modules.report({ checker: checkerOf(error), detail });
    }
    this.#modules.onDamaged(server);
  }

  chunksFailed(server: SimServer): void {
    this.#modules.onFailed(server);
  }

  /** Judged where nobody is further: elsewhere a version may have been deleted, and its bytes collected, already. */
  resourcesChanged(server: SimServer): void {
    const { replica } = server;
    if (replica === undefined || replica.revision < this.#newestRevision) return;
    this.#newestRevision = replica.revision;
    const { voters, votersOutgoing } = replica.state.membership;
    const holds = (voter: number, digest: string): boolean =>
      this.#modules.serverOfPeer(voter)?.data.content.chunks.has(digest) === true;
    for (const { namespace, name, version, manifest } of replica.state.resources()) {
      const full = `${namespace}/${name}@${version}`;
      if (!this.versions.isNew(full)) continue;
      const digests = manifest.chunks.map(({ digest }) => digest);
      this.versions.visible(
        server.name,
        { name: full, digests },
        { voters, votersOutgoing, holds },
      );
    }
  }

  removed(server: SimServer): void {
    this.#modules.onRemoved(server);
  }

  get memberships(): number {
    return this.#memberships.size;
  }

  /** The last `count` that anybody has put in force, oldest first. */
  newestMemberships(count: number): MembershipState[] {
    const indices = [...this.#memberships.keys()].sort((a, b) => a - b).slice(-count);
    return indices.map((index) => this.#memberships.get(index)!);
  }

  /** After a step of `server`. */
  look(server: SimServer): void {
    const view = server.replica?.view();
    const seen = this.#seen.get(server);
    if (view === undefined || seen === undefined || server.process.hasFailed) return;
    const { log } = server.data;
    this.#ordering.check(server.name, {
      purged: log.view.firstIndex() - 1,
      snapshot: log.view.snapshot().index,
      applied: view.applied,
      commit: view.commit,
      last: view.lastIndex,
    });
    this.#monotonic.check(server.name, view);
    if (seen.dirtyFrom !== undefined) this.#lookAtLog(server, seen, view);
    if (view.commit > seen.commit) this.#lookAtCommit(server, seen, view);
    if (seen.hasBecomeLeader) {
      seen.hasBecomeLeader = false;
      const { firstIndex, term } = view;
      const termAt = (index: number): number | undefined => view.termAt(toIndex(index));
      this.#completeness.led(server.name, { firstIndex, term, termAt });
    }
    if (view.applied > seen.applied || seen.hasInstalled) {
      this.#lookAtApplied(server, seen, view);
      this.#lookAtMembership(server, seen);
    }
    this.#contact.looked(server.name, {
      ...votersOf(seen),
      self: server.peer,
      term: view.term,
      isLeader: view.role === "leader",
      nowMs: this.#modules.schedule.nowMs,
    });
    if (seen.hasInstalled) {
      seen.hasInstalled = false;
      this.compareState(server);
    }
  }

  #core(server: SimServer, event: TraceEvent, context: TraceContext): void {
    const { trace, schedule } = this.#modules;
    trace.add(schedule.nowMs, server.name, { kind: "core", event, context });
    const seen = this.#seen.get(server);
    if (seen === undefined) return;
    if (event.kind === "replicate") {
      seen.dirtyFrom = Math.min(seen.dirtyFrom ?? event.first, event.first);
    } else if (event.kind === "snapshot-restored") {
      // Until the log is replaced on the disk, what lies there below the snapshot may be something else.
      this.snapshotsInstalled += 1;
      seen.dirtyFrom = 0;
      seen.hasInstalled = true;
      seen.applied = Math.max(seen.applied, event.snapshot.index);
    } else if (event.kind === "apply-conf-change") {
      seen.membership = event.membership;
      seen.newMemberships.push(event.membership);
      this.#machines.inForce(server.name, event.membership);
    } else if (event.kind === "commit") {
      if (context.role !== "leader") this.#evidence.followed(server.name, event.index);
      else this.#checkQuorum(server, seen, { ...context, index: event.index });
    } else if (event.kind === "send") {
      this.#checkPromise(server, event.message);
    } else if (event.kind === "receive") {
      this.#received(server, event.message, context);
    } else {
      this.#campaigning(server, seen, { event, context });
    }
  }

  #campaigning(
    server: SimServer,
    seen: Seen,
    { event, context }: { readonly event: TraceEvent; readonly context: TraceContext },
  ): void {
    const campaign = { candidate: server.peer, term: context.term };
    if (event.kind === "vote-decided") this.#loyalty.decided(server.name, event, context.term);
    else if (event.kind === "timeout-now-received") seen.isTold = true;
    else if (event.kind === "become-candidate") {
      if (!seen.isTold) this.#elected.campaigned(campaign, votersOf(seen));
      seen.isTold = false;
    } else if (event.kind === "become-leader") {
      this.elections.led(server.name, context.term);
      this.#elected.led(campaign, votersOf(seen));
      this.#promises.led(server.peer, context.term, server.data.durable.hardState);
      seen.hasBecomeLeader = true;
      this.#modules.onLed(server);
    }
  }

  #received(server: SimServer, message: Message, { role }: TraceContext): void {
    this.#evidence.received(server.name, message);
    if (role !== "leader" || message.from === server.peer) return;
    if (message.kind !== "append-response" && message.kind !== "heartbeat-response") return;
    this.#contact.heard(server.name, message.from, this.#modules.schedule.nowMs);
  }

  #checkPromise(server: SimServer, message: Message): void {
    if (message.kind === "vote-response" && !message.reject) {
      this.#votes.granted(message.from, message.term, message.to);
      this.#elected.voted(message.from, { candidate: message.to, term: message.term });
    } else if (message.kind === "pre-vote-response" && !message.reject) {
      this.#elected.encouraged(message.from, { candidate: message.to, term: message.term });
    }
    if (message.kind !== "vote-response" && message.kind !== "append-response") return;
    const { hardState, lastIndex } = server.data.durable;
    const { term, vote } = hardState;
    this.#promises.sent(message, { term, vote, lastIndex });
  }

  #checkQuorum(
    server: SimServer,
    seen: Seen,
    commit: { readonly index: number; readonly term: number },
  ): void {
    const { voters, votersOutgoing } = seen.membership;
    const isDurableOn = (peer: number): boolean => {
      const data = this.#modules.serverOfPeer(peer)?.data;
      if (data === undefined || commit.index > data.durable.lastIndex) return false;
      const { view } = data.log;
      return (
        commit.index <= view.snapshot().index || view.term(toIndex(commit.index)) === commit.term
      );
    };
    this.#quorum.committed(server.name, commit, { voters, votersOutgoing, isDurableOn });
  }

  #lookAtLog(server: SimServer, seen: Seen, view: CoreView): void {
    const { terms } = seen;
    const from = Math.max(seen.dirtyFrom ?? 0, view.firstIndex);
    seen.dirtyFrom = undefined;
    for (let index = from; index <= Math.max(view.lastIndex, seen.last); index += 1) {
      const before = terms[index];
      const now = index > view.lastIndex ? undefined : view.termAt(toIndex(index));
      if (before !== undefined && before !== now) {
        this.committedLog.gaveUp(server.name, { index, term: before }, now);
      }
      terms[index] = now;
      if (now === undefined) continue;
      const previousTerm = index === 1 ? 0 : view.termAt(toIndex(index - 1));
      this.#matching.holds(server.name, { index, term: now }, previousTerm);
    }
    seen.first = view.firstIndex;
    seen.last = view.lastIndex;
  }

  #lookAtCommit(server: SimServer, seen: Seen, view: CoreView): void {
    for (let index = Math.max(seen.commit + 1, view.firstIndex); index <= view.commit; index += 1) {
      const term = view.termAt(toIndex(index));
      if (term !== undefined) this.committedLog.committed(server.name, { index, term }, view.term);
    }
    seen.commit = view.commit;
  }

  /** The newest of them belong to these entries; older ones came with a boot or a snapshot. */
  #noteMemberships(seen: Seen, entries: readonly Entry[]): void {
    const changes = entries.filter(({ type }) => type === "membership");
    const put = seen.newMemberships.slice(-changes.length);
    for (const [at, { index }] of changes.entries()) {
      const membership = put[at];
      if (membership === undefined) continue;
      this.#memberships.set(index, membership);
      this.newestMembershipIndex = Math.max(this.newestMembershipIndex, index);
    }
  }

  #lookAtApplied(server: SimServer, seen: Seen, view: CoreView): void {
    const { schedule, trace } = this.#modules;
    const log = server.data.log.view;
    const from = Math.max(seen.applied + 1, log.firstIndex());
    const to = Math.min(view.applied, log.lastIndex());
    seen.applied = view.applied;
    if (from <= to) {
      const entries = server.data.sound(() =>
        log.entries(toIndex(from), plus(toIndex(to), 1), Number.MAX_SAFE_INTEGER),
      );
      this.#noteMemberships(seen, entries ?? []);
      for (const entry of entries ?? []) {
        trace.add(schedule.nowMs, server.name, { kind: "applied", entry });
        const content = `${entry.type} ${sumOf(entry.data)}`;
        this.#matching.carries(server.name, entry, content);
        this.#applied.applied(server.name, entry, content);
      }
    }
    seen.newMemberships = [];
    if (view.applied % digestEvery === 0) this.compareState(server);
  }

  #lookAtMembership(server: SimServer, seen: Seen): void {
    const inState = server.replica?.state.membership;
    if (inState !== undefined) this.#agreement.compare(server.name, seen.membership, inState);
  }

  /** Compares the whole state with what others had at the same index. Not cheap: the state is hashed. */
  compareState(server: SimServer): void {
    const { schedule, trace } = this.#modules;
    const { replica } = server;
    const view = replica?.view();
    if (replica === undefined || view === undefined) return;
    const digest = replica.digest();
    trace.add(schedule.nowMs, server.name, { kind: "digest", index: view.applied, digest });
    this.#digests.is(server.name, view.applied, digest);
  }
}

function votersOf({ membership }: Seen): VotersInForce {
  const { voters, votersOutgoing } = membership;
  return { voters, votersOutgoing };
}

function sumOf(bytes: Uint8Array): string {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return `${bytes.length}:${(sum >>> 0).toString(16)}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function findsDamage(thrown: unknown): boolean {
  return thrown instanceof QuorateError && thrown.kind === "corrupt";
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
