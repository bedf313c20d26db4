// What a seed stands for: the size of the cluster, its weather, its limits, and which faults it meets. Each seed
// has a part of the faults only (swarm testing, Groce et al., ISSTA 2012): with all of them at once nothing would
// ever get far enough for the rarer ones to matter.
import { between, type Random } from "../../src/base/random.ts";
import type { ReplicaLimits } from "../../src/replica/limits.ts";
import type { DiskSpeed } from "./disk.ts";
import type { Weather } from "./network.ts";
import { chance, pick, splitRandom } from "./random.ts";
import type { SimLogOptions } from "./storage/sim-log.ts";

export const faultKinds = [
  "isolate-server",
  "isolate-leader",
  "split",
  "leader-minority",
  "one-way-cut",
  "bridge",
  "break-streams",
  "storm",
  "crash-server",
  "crash-leader",
  "crash-majority",
  "power-failure",
  "stop-orderly",
  "pause-server",
  "pause-leader",
  "stall-disk",
  "stall-leader-disk",
  "slow-disk",
  "disk-error",
  "drift-clock",
  "transfer",
  "add-learner",
  "add-voter",
  "promote",
  "demote",
  "remove",
  "replace",
  "leave-joint",
  "leader-hop",
  "split-joint",
  "kill-winner",
  "transfer-to-isolated",
  "slow-control-lane",
  "tear-write",
  "disk-full",
  "rot-wal",
  "rot-last-write",
  "rot-entry",
  "rot-hard-state",
  "rot-hard-state-copy",
  "rot-snapshot",
  "forget-write",
  "rot-chunk",
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface Plan {
  readonly seed: number;
  readonly servers: number;
  /** Virtual time with faults. */
  readonly safetyMs: number;
  /** Virtual time within which the healed core must be in order again. */
  readonly livenessMsMax: number;
  readonly weather: Weather;
  readonly disk: DiskSpeed;
  readonly diskSizes: SimLogOptions;
  readonly limits: Partial<ReplicaLimits>;
  /** Reads on the leader's lease; clocks then keep to the pace that leases rest on. */
  readonly leaseReads: boolean;
  /** Clocks run at most this much fast or slow. */
  readonly driftPerMille: number;
  readonly clients: number;
  /** Clients of the resource center. */
  readonly uploaders: number;
  readonly keys: number;
  /** Between two operations of a client. */
  readonly thinkMsMax: number;
  /** How often a client writes many keys at once, through one server. */
  readonly burstPerMillion: number;
  readonly faults: readonly FaultKind[];
  readonly faultEveryMsMin: number;
  readonly faultEveryMsMax: number;
  readonly faultMsMax: number;
  /** Membership changes never go below so many voters. */
  readonly votersMin: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly servers?: number | undefined;
  readonly safetyMs: number;
}

const livenessMsMax = 30_000;

function weatherOf(random: Random): Weather {
  const slow = chance(random, 250_000);
  const delayMaxMs = slow ? between(random, 10, 40) : between(random, 1, 6);
  const base = {
    delayMinMs: 0.1,
    delayMaxMs,
    delayTailMs: delayMaxMs * between(random, 2, 20),
    tailPerMillion: between(random, 0, 30_000),
    controlLagMs: 0,
  };
  if (chance(random, 600_000)) {
    return { ...base, mode: "stream", lossPerMillion: 0, duplicatePerMillion: 0 };
  }
  return {
    ...base,
    mode: "datagram",
    lossPerMillion: between(random, 0, 60_000),
    duplicatePerMillion: between(random, 0, 60_000),
  };
}

/** Small messages only where they stay in order: out of order, each lost one costs a whole window of them. */
function limitsOf(random: Random, { mode }: Weather): Partial<ReplicaLimits> {
  const snapshotEntries = pick(random, [20, 60, 150, 100_000]) ?? 60;
  return {
    snapshotEntries,
    trailingEntries: pick(random, [0, 5, 30]) ?? 5,
    applySliceMs: pick(random, [0, 8]) ?? 8,
    appendBatchBytesMax: pick(random, [200, 4 << 20]) ?? 200,
    appendBytesMax: mode === "stream" ? (pick(random, [400, 1 << 18]) ?? 400) : 1 << 18,
    inboxMessagesMax: pick(random, [8, 16_384, 16_384]) ?? 16_384,
  };
}

/** With little in memory, what is damaged on the disk is read while the server runs. */
function diskSizesOf(random: Random): SimLogOptions {
  return {
    cacheBytesMax: pick(random, [0, 1000, 16 << 20]) ?? 1000,
    writeBufferBytes: pick(random, [2000, 16_000, 64_000]) ?? 16_000,
  };
}

const leaseReadsPerMillion = 250_000;

function faultsOf(random: Random, leaseReads: boolean): FaultKind[] {
  const share = between(random, 250_000, 900_000);
  const drawn = faultKinds.filter(() => chance(random, share));
  const chosen = leaseReads ? drawn.filter((kind) => kind !== "drift-clock") : drawn;
  return chosen.length >= 3 ? chosen : ["crash-leader", "split", "pause-leader"];
}

export function planOf(options: PlanOptions): Plan {
  const { seed, safetyMs } = options;
  const random = splitRandom(seed, "plan");
  const drawn = pick(random, [3, 3, 3, 3, 3, 5, 5, 5, 5, 7]) ?? 3;
  const latencyMaxMs = pick(random, [1, 3, 12]) ?? 3;
  const weather = weatherOf(random);
  const faultEveryMsMin = between(random, 50, 400);
  const leaseReads = chance(splitRandom(seed, "lease"), leaseReadsPerMillion);
  return {
    seed,
    servers: options.servers ?? drawn,
    safetyMs,
    livenessMsMax,
    weather,
    disk: { latencyMinMs: 0.1, latencyMaxMs },
    diskSizes: diskSizesOf(splitRandom(seed, "disk sizes")),
    limits: limitsOf(random, weather),
    driftPerMille: (leaseReads ? pick(random, [0, 50, 110]) : pick(random, [0, 5, 50])) ?? 0,
    clients: between(random, 3, 6),
    uploaders: pick(splitRandom(seed, "uploaders"), [0, 0, 0, 1]) ?? 0,
    keys: between(random, 3, 9),
    thinkMsMax: pick(random, [30, 80, 200]) ?? 80,
    burstPerMillion: pick(random, [0, 10_000, 40_000]) ?? 0,
    leaseReads,
    faults: faultsOf(random, leaseReads),
    faultEveryMsMin,
    faultEveryMsMax: faultEveryMsMin + between(random, 100, 900),
    votersMin: pick(random, [2, 3, 3, 3]) ?? 3,
    faultMsMax: pick(random, [200, 700, 2000]) ?? 700,
  };
}
