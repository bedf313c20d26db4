// What the sentinel says to the cluster and to its server process. Both sides of each conversation import
// this file, and it imports nothing of theirs, because the sentinel stands alone.
//
// Two conversations:
// 1. Sentinel → any server, plain HTTP: register, renew, end. Every body is JSON, signed with HMAC-SHA-256 under
//    the key given at registration (`x-quorate-signature`, hexadecimal, over the exact bytes of the body).
// 2. Sentinel ↔ its server process: JSON messages over the child's IPC channel, which breaks when either dies.

/** POST /v1/sentinel/register. Not signed: it brings the key. */
export interface RegisterRequest {
  readonly serverId: string;
  readonly incarnation: string;
  readonly leaseMs: number;
  /** 32 random bytes, hexadecimal. */
  readonly key: string;
  readonly capacity: number;
}
export interface RegisterAnswer {
  readonly session: number;
}

export interface RunningJob {
  readonly jobId: string;
  readonly epoch: number;
}

/** POST /v1/sentinel/renew. Level-triggered: each repeats all that runs and all that was released and not yet confirmed. */
export interface RenewRequest {
  readonly session: number;
  /** Ascending per session: a repeated or older body is refused. */
  readonly counter: number;
  readonly running: readonly RunningJob[];
  /** Exits reaped (every process of the job's group), under exactly these epochs; never started again. */
  readonly released: readonly RunningJob[];
  /** No start and no re-attach any more: with nothing running it ends the session at once (exit proof). */
  readonly sealed: boolean;
}
export interface RenewAnswer {
  /** False: the session has ended in the table: stop everything and register anew. */
  readonly alive: boolean;
  /** Releases that are in the table now; the sentinel need not repeat them. */
  readonly confirmed: readonly RunningJob[];
  /** Raft term: a new one means a new leader. */
  readonly term: number;
  /** HTTP addresses (host:port) of the servers that can take renewals. */
  readonly servers: readonly string[];
}

/** How one run is to be started; everything is resolved already (paths, environment). */
export interface StartOrder {
  readonly jobId: string;
  readonly epoch: number;
  /** The session that the row names; must be the sentinel's own (far-end fence L6). */
  readonly session: number;
  /** Revision of the table that the order was read from; handed back in `RunInfo`. */
  readonly revision: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly stopSignal: "SIGTERM" | "SIGINT" | "SIGKILL";
  readonly stopGraceMs: number;
  readonly onServerDeath: "continue" | "stop";
  readonly onLeaseLoss: "stop" | "keep";
}

export type RunState = "running" | "stopping" | "exited";

/**
 * What made a run end: the job itself, a stop order, the fence, or its start (it was never executed; `refused` tells
 * why). Only the first is the restart policy's business.
 */
export type EndCause = "itself" | "stop" | "fence" | "start";

export interface RunInfo {
  readonly jobId: string;
  readonly epoch: number;
  /** As ordered: an agent whose table is older than this must not conclude anything about the run. */
  readonly revision: number;
  readonly state: RunState;
  readonly pid: number;
  /** −1 unless its first process ended without a signal. */
  readonly exitCode: number;
  readonly signal: string;
  readonly cause: EndCause;
  readonly startedAtMs: number;
}

/** Server process → sentinel. */
export type ServerToSentinel =
  /** Sent once after the configuration was validated and the data directory opened; the sentinel acts only after it. */
  | {
      readonly kind: "settings";
      readonly dataDirectory: string;
      readonly serverId: string;
      readonly incarnation: string;
      readonly leaseMs: number;
      readonly killBoundMs: number;
      readonly agentGraceMs: number;
      readonly capacity: number;
      /** HTTP addresses to begin with; renewals bring newer ones. */
      readonly servers: readonly string[];
    }
  | { readonly kind: "start"; readonly order: StartOrder }
  /** Always answered by the state of the run, `exited` when there is none. */
  | {
      readonly kind: "stop";
      readonly jobId: string;
      readonly epoch: number;
      /** True = SIGKILL at once. */
      readonly now: boolean;
      /** True = the exit will be reported as released (the table took the job away); false = a restart under the same epoch may follow. */
      readonly release: boolean;
    }
  /** A new leader is known: renew at once. */
  | { readonly kind: "leader-changed" }
  /**
   * Every `aliveIntervalMs` from the moment when the server works: its event loop turns. `debugged`: a debugger may halt
   * it for as long as somebody thinks, so silence means nothing until it says otherwise.
   */
  | { readonly kind: "alive"; readonly debugged?: boolean }
  /** The machine's server is to end (SIGTERM, or taken out of the cluster): end everything in order. */
  | { readonly kind: "goodbye" };

/** Sentinel → server process. */
export type SentinelToServer =
  /** First message after `settings` and after every registration or change: all runs that the sentinel owns. */
  | {
      readonly kind: "attached";
      readonly session: number;
      /** False: no renewal of this session was acknowledged yet (nothing may be started). */
      readonly renewed: boolean;
      /** The session is being given back: nothing starts in it any more, and its jobs are being stopped and released. */
      readonly sealed: boolean;
      readonly fencing: "cgroup" | "process-group";
      readonly runs: readonly RunInfo[];
    }
  | { readonly kind: "run"; readonly run: RunInfo }
  /** A start was refused by the far-end fence or failed to spawn; `code` is a coded error. */
  | {
      readonly kind: "refused";
      readonly jobId: string;
      readonly epoch: number;
      readonly code: string;
      readonly message: string;
    }
  /**
   * The lease ran out or the session ended: every job was killed (but, when it only ran out, those that say `keep`). The
   * same session goes on if a later renewal finds it alive; `attached` follows either way.
   */
  | { readonly kind: "fenced"; readonly session: number }
  /** Stop in order now (the sentinel got SIGTERM and the jobs have been stopped and released). */
  | { readonly kind: "shut-down" };
