import type { Clock, WallClock } from "../base/clock.ts";
import type { Hash64 } from "../base/hash.ts";
import type { Logger } from "../base/logger.ts";
import type { Random } from "../base/random.ts";
import type { TraceSink } from "../raft/trace.ts";
import type { ChunkStore, LogStore, SnapshotStore } from "../storage/contract.ts";
import type { PeerAddress, PeerIdentity, Transport } from "../transport/contract.ts";
import type { ReplicaLimits, ReplicaTiming } from "./limits.ts";

export interface ReplicaOptions {
  readonly identity: PeerIdentity;
  /**
   * Addresses for as long as the state does not name this server: a joiner could otherwise not answer the leader.
   * Without this server itself.
   */
  readonly initialPeers: readonly PeerAddress[];
  readonly timing?: Partial<ReplicaTiming>;
  readonly limits?: Partial<ReplicaLimits>;
  /**
   * Reads without a round of heartbeats while a quorum's loyalty lasts (`RaftConfig.leaseReads`: what it rests on). Default
   * off. Takes effect while a quorum has it on.
   */
  readonly leaseReads?: boolean;
  /** How soon this server tries to lead, 0 to 3, which is the default (`RaftConfig.electionPriority`). */
  readonly electionPriority?: number;
  /** The first failed write or a broken invariant. This server is silent from now on; the process must end. */
  readonly onFatal: (error: unknown) => void;
  /** The membership names this server no longer: it may be stopped for good. */
  readonly onRemoved: () => void;
  /** The process stood still for `pausedMs`: whatever was promised for a time may have run out. */
  readonly onPaused?: (pausedMs: number) => void;
}

/** `transport` must have been started, with handlers that pass on to `ReplicaServer.handlers`. */
export interface ReplicaModules {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
  readonly chunks: ChunkStore;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly random: Random;
  readonly hash: Hash64;
  readonly logger: Logger;
  /** Receives the core's events; undefined = nobody listens. */
  readonly trace?: TraceSink;
}
