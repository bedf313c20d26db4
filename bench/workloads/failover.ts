// Leader lost → first acknowledged write. Writes arrive at a fixed rate at all doors in turn, whether or not the ones
// before were answered; a sample is the distance from the loss to the first acknowledgement of a write that was sent
// after it. Moments of the loss are random. With a peer both systems take turns in one run.
import { at, type FailoverTarget, type Loss } from "../lib/failover-target.ts";
import { EtcdTarget } from "../lib/peers/etcd-target.ts";
import { QuorateTarget } from "../lib/peers/quorate-target.ts";
import { Latencies, type WorkloadReport } from "../lib/report.ts";

export const failoverPeers = ["etcd"] as const;

export interface FailoverOptions {
  readonly servers: number;
  /** Leaders lost per system. */
  readonly kills: number;
  readonly loss: Loss;
  readonly peer: (typeof failoverPeers)[number] | undefined;
  readonly progress: (text: string) => void;
}

const writeEveryMs = 4;
const writeDeadlineMs = 10_000;
/** A write that is never acknowledged in this time ends the round: the sample is this, and is counted as censored. */
const outageMsMax = 20_000;
/** Healthy writes before each loss: a fixed part and a random one, so that the loss meets any moment of a heartbeat. */
const calmMs = 300;
const calmSpreadMs = 400;

/** A stream of writes of which only the acknowledgements' times matter. */
class Writer {
  readonly #target: FailoverTarget;
  readonly #servers: number;
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  #sinceMs = Number.POSITIVE_INFINITY;
  #firstAck: (ms: number) => void = () => undefined;
  readonly #pending = new Set<Promise<void>>();
  acknowledged = 0;
  /** Writes without an acknowledgement: during an outage there are always some. */
  failed = 0;

  constructor(target: FailoverTarget, servers: number) {
    this.#target = target;
    this.#servers = servers;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#write();
    }, writeEveryMs);
  }

  /** Resolves with the moment of the first acknowledgement of a write that is sent from now on. */
  async nextAck(): Promise<number> {
    this.#sinceMs = performance.now();
    return await new Promise((resolve) => {
      this.#firstAck = resolve;
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  #write(): void {
    const sentMs = performance.now();
    const number = this.#number++;
    const write = this.#target
      .put(number % this.#servers, `failover/${String(number % 1000)}`, writeDeadlineMs)
      .then(
        () => {
          this.acknowledged += 1;
          if (sentMs >= this.#sinceMs) this.#firstAck(performance.now());
        },
        () => {
          this.failed += 1;
        },
      )
      .finally(() => this.#pending.delete(write));
    this.#pending.add(write);
  }
}

interface Outcome {
  readonly latencies: Latencies;
  readonly samplesMs: number[];
  censored: number;
  acknowledged: number;
  failed: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function loseLeader(
  target: FailoverTarget,
  outcome: Outcome,
  options: FailoverOptions,
): Promise<void> {
  const leader = await target.leader();
  const writer = new Writer(target, options.servers);
  writer.start();
  await wait(calmMs + Math.random() * calmSpreadMs);
  const lostAtMs = performance.now();
  await target.lose(leader, options.loss);
  const ackedAtMs = await Promise.race([
    writer.nextAck(),
    wait(outageMsMax).then(() => Number.POSITIVE_INFINITY),
  ]);
  const sampleMs = Math.min(ackedAtMs - lostAtMs, outageMsMax);
  if (sampleMs === outageMsMax) outcome.censored += 1;
  outcome.latencies.add(sampleMs);
  outcome.samplesMs.push(Math.round(sampleMs * 10) / 10);
  await target.restore(leader);
  await writer.stop();
  outcome.acknowledged += writer.acknowledged;
  outcome.failed += writer.failed;
}

function describe(name: string, { latencies }: Outcome, loss: Loss): string {
  const { p50, p99, max } = latencies.percentiles();
  const what = loss === "kill" ? "leader killed" : "leader's host silent";
  return `failover of ${name}: ${what} → first acknowledged write p50 ${String(p50)} ms, p99 ${String(p99)} ms, worst ${String(max)} ms (${String(latencies.count)} losses)`;
}

export async function failover(options: FailoverOptions): Promise<WorkloadReport> {
  const { servers, kills, loss, peer, progress } = options;
  const targets: FailoverTarget[] = [];
  try {
    targets.push(await QuorateTarget.start(servers));
    if (peer === "etcd") targets.push(await EtcdTarget.start(servers));
    const outcomes = targets.map(
      (): Outcome => ({
        ...{ latencies: new Latencies(), samplesMs: [], censored: 0 },
        ...{ acknowledged: 0, failed: 0 },
      }),
    );
    for (let round = 0; round < kills; round += 1) {
      for (const [i, target] of targets.entries())
        await loseLeader(target, at(outcomes, i), options);
      if ((round + 1) % 10 === 0) progress(`${String(round + 1)} of ${String(kills)} leaders lost`);
    }
    return {
      workload: "failover",
      headline: targets.map(({ name }, i) => describe(name, at(outcomes, i), loss)).join("\n"),
      data: {
        ...{ servers, kills, loss, writeEveryMs },
        systems: targets.map(({ name, settings }, i) => {
          const { latencies, samplesMs, censored, acknowledged, failed } = at(outcomes, i);
          const firstAckMs = latencies.percentiles();
          return { name, settings, firstAckMs, samplesMs, censored, acknowledged, failed };
        }),
      },
      holds: outcomes.every(({ censored }) => censored === 0),
    };
  } finally {
    for (const target of targets) await target.stop();
  }
}
