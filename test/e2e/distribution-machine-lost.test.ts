// A whole machine is gone at once: sentinel, server process and jobs. Its jobs run elsewhere after its lease, nobody
// else's job is touched, nothing that was acknowledged is missing.
import { describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import type { JobRun } from "../../bench/lib/ticks.ts";
import { until } from "../../bench/lib/wait.ts";
import { QuorateError } from "../../src/base/errors.ts";
import type { QuorateClient } from "../../src/client/quorate-client.ts";
import { nothingBroken, useStage } from "./support/stage.ts";

const jobs = 9;

/** Writes keys one after the other and remembers those whose write was acknowledged. */
class Writing {
  readonly acknowledged: string[] = [];
  readonly #client: QuorateClient;
  readonly #prefix: string;
  #isOver = false;
  #end: Promise<void> = Promise.resolve();

  constructor(client: QuorateClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  begin(): void {
    this.#end = this.#write();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#end;
  }

  async #write(): Promise<void> {
    for (let i = 0; !this.#isOver; i += 1) {
      const key = `${this.#prefix}/${String(i).padStart(6, "0")}`;
      try {
        await this.#client.kv.put(key, key);
        this.acknowledged.push(key);
      } catch (error) {
        // Not acknowledged: it may be there or not.
        if (!(error instanceof QuorateError)) throw error;
      }
    }
  }
}

/** Those of `keys` that are not there, or hold something else. */
async function missing(client: QuorateClient, keys: readonly string[]): Promise<readonly string[]> {
  const present = new Set<string>();
  // A list has at most 1000 keys: one list for each hundred of them.
  for (const prefix of new Set(keys.map((key) => key.slice(0, -2)))) {
    const { kvs } = await client.kv.list(prefix);
    for (const { key, value } of kvs) if (value.toString() === key) present.add(key);
  }
  return keys.filter((key) => !present.has(key));
}

describe("a machine is lost", () => {
  const stage = useStage({ servers: 3, jobs });

  /** The run of each job before and after, by the jobs' own ticks. */
  async function lose(machine: Machine): Promise<{
    readonly before: ReadonlyMap<string, JobRun>;
    readonly after: ReadonlyMap<string, JobRun>;
  }> {
    const { fleet } = stage();
    const before = await fleet.settled();
    expect(before.size).toBe(jobs);
    const takeovers = await fleet.lose(machine);
    const its = [...before.values()].filter(({ server }) => server === machine.id);
    expect(its.length).toBeGreaterThan(0);
    expect(takeovers.map(({ job }) => job).sort()).toEqual(its.map(({ job }) => job).sort());
    return { before, after: await fleet.settled() };
  }

  async function expectOnlyItsJobsMoved(
    { before, after }: Awaited<ReturnType<typeof lose>>,
    lost: string,
  ): Promise<void> {
    for (const [job, old] of before) {
      const now = after.get(job);
      if (old.server === lost) {
        expect(now?.server).not.toBe(lost);
        expect(now?.epoch).toBe(old.epoch + 1);
      } else {
        expect(now).toMatchObject({ server: old.server, pid: old.pid, epoch: old.epoch });
      }
    }
    expect(await stage().broken()).toEqual(nothingBroken);
  }

  async function loseWhileWriting(machine: Machine, prefix: string): Promise<void> {
    const { cluster, client } = stage();
    const writing = new Writing(client, prefix);
    writing.begin();
    await until("the first writes", () => (writing.acknowledged.length > 10 ? true : undefined));
    const moved = await lose(machine);
    const writtenAtLoss = writing.acknowledged.length;
    await until("more writes", () =>
      writing.acknowledged.length > writtenAtLoss + 10 ? true : undefined,
    );
    await writing.end();
    await expectOnlyItsJobsMoved(moved, machine.id);
    const { servers } = await client.servers.list();
    expect(servers.find(({ serverId }) => serverId === machine.id)?.liveness).toBe("LIVENESS_DOWN");

    machine.start();
    await cluster.ready([machine]);
    expect(await missing(client, writing.acknowledged)).toEqual([]);
    expect(await missing(client, [`${prefix}/never-written`])).toHaveLength(1);
    expect(await stage().broken()).toEqual(nothingBroken);
  }

  test("a follower's: its jobs run elsewhere under the next epoch, no other pid changes, every acknowledged write is there", async () => {
    await loseWhileWriting(await stage().follower(), "follower");
  });

  test("the leader's: the same, with an election in between", async () => {
    const leader = await stage().fleet.leader();
    await loseWhileWriting(leader, "leader");
    expect((await stage().fleet.leader()).id).not.toBe(leader.id);
  });
});
