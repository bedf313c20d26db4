// What the doors need of a server. They are opened before the server belongs to a cluster, so that a taken port
// is noticed before anything else happens; until then `services()` gives nothing and every call is answered with
// QUORATE_API_NOT_READY.
import type { Logger } from "../base/logger.ts";
import type { Jobs } from "../distribution/contract.ts";
import type { KvCorner, Leases, Members } from "../registry/contract.ts";
import type { Replica } from "../replica/contract.ts";
import type { Resources } from "../resources/contract.ts";
import type { HealthReporter } from "./health-report.ts";
import type { Turns } from "./turns.ts";

export interface LogPiece {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
  readonly serverId: string;
  /** Something before `bytes` was rotated away. */
  readonly truncated: boolean;
  /** The server that ran the job just before the bytes were read; empty when none did. */
  readonly ownerId: string;
}

/** Output of jobs, from whichever server runs or last ran them. */
export interface JobLogs {
  read(
    request: {
      readonly job: string;
      readonly offset: number;
      readonly tailBytes: number;
      /** Whose output is wanted; empty, or no member = that of the owner, else of any that has some. */
      readonly serverId: string;
    },
    deadlineMs: number,
  ): Promise<LogPiece>;
}

export interface ServerFacts {
  readonly clusterId: string;
  readonly serverId: string;
  readonly version: string;
  readonly leaseMs: number;
  uptimeMs(): number;
  rssBytes(): number;
  /** How jobs are fenced on this machine; `none` without a runner. */
  fencing(): "cgroup" | "process-group" | "none";
}

export interface ApiServices {
  readonly facts: ServerFacts;
  readonly replica: Replica;
  readonly members: Members;
  readonly kv: KvCorner;
  readonly leases: Leases;
  readonly resources: Resources;
  readonly jobs: Jobs;
  readonly logs: JobLogs;
}

export interface DoorModules {
  /** Shared by the doors: what comes in at one holds up the other as well. */
  readonly turns: Turns;
  readonly services: () => ApiServices | undefined;
  /** Answers GetHealth from the moment the doors are open. */
  readonly health: HealthReporter;
  readonly logger: Logger;
}

/** Where a door listens. Port 0 = any free one. */
export interface DoorOptions {
  readonly host: string;
  readonly port: number;
}

export interface Door {
  /** Rejects with QUORATE_API_ADDRESS_IN_USE when the port is taken. */
  start(): Promise<void>;
  /** host:port that was really bound. */
  readonly address: string;
  /** No new calls, streams ended, the rest given a named time; idempotent. */
  stop(): Promise<void>;
}
