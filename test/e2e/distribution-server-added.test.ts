// Expansion: a server joins, and exactly as many jobs move as must, each of them once. Then it goes again.
import { describe, expect, test } from "vitest";
import type { JobRun } from "../../bench/lib/ticks.ts";
import { nothingBroken, useStage } from "./support/stage.ts";

const jobs = 12;

describe("a server is added", () => {
  // Nobody waits for a lease here. A long one: on a busy machine a server that is slow to renew would look suspect for
  // a moment, and what is placed meanwhile would move once more.
  const stage = useStage({ servers: 3, jobs, lease: "relaxed", flags: ["--balance-hold", "300"] });

  async function loads(): Promise<readonly number[]> {
    const { servers, maxMinusMin } = await stage().client.jobs.ring();
    const each = servers.filter(({ eligible }) => eligible).map(({ load }) => load);
    expect(maxMinusMin).toBe(Math.max(...each) - Math.min(...each));
    return each;
  }

  async function moved(before: ReadonlyMap<string, JobRun>): Promise<readonly JobRun[]> {
    const now = await stage().fleet.settled();
    return [...before.values()].filter(({ job, pid }) => now.get(job)?.pid !== pid);
  }

  test("exactly the minimum moves, all of it to the new server, and nothing twice", async () => {
    const { fleet, cluster } = stage();
    const before = await fleet.settled();
    expect(await loads()).toEqual([4, 4, 4]);

    const added = await cluster.add();
    await cluster.ready([added]);
    await fleet.balanced(4);

    const after = await fleet.settled();
    const gone = await moved(before);
    expect(gone).toHaveLength(jobs / 4);
    for (const { job, epoch } of gone) {
      expect(after.get(job)).toMatchObject({ server: added.id, epoch: epoch + 1 });
    }
    expect(await loads()).toEqual([3, 3, 3, 3]);
    // One run more for each job that moved: none went by way of a third server, none was restarted in place.
    expect(fleet.ticks.runs()).toHaveLength(jobs + gone.length);
    expect(await stage().broken()).toEqual(nothingBroken);
  });

  test("a fifth one: never more than one job apart, still the minimum", async () => {
    const { fleet, cluster } = stage();
    const before = await fleet.settled();
    const runs = fleet.ticks.runs().length;
    const added = await cluster.add();
    await cluster.ready([added]);
    await fleet.balanced(5);
    expect([...(await loads())].sort()).toEqual([2, 2, 2, 3, 3]);
    expect(await moved(before)).toHaveLength(2);
    expect(fleet.ticks.runs()).toHaveLength(runs + 2);
    expect(await stage().broken()).toEqual(nothingBroken);
  });

  test("an added server that goes in order gives its jobs back, and only these move", async () => {
    const { fleet, cluster } = stage();
    const before = await fleet.settled();
    const last = fleet.machine("s5");
    const its = [...before.values()].filter(({ server }) => server === last.id);
    expect(await last.stop()).toBe(0);
    await fleet.balanced(cluster.machines.length - 1);
    const gone = await moved(before);
    expect(gone.map(({ job }) => job).sort()).toEqual(its.map(({ job }) => job).sort());
    expect(await stage().broken()).toEqual(nothingBroken);
  });
});
