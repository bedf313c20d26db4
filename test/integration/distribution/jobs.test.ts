import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView } from "../../../src/distribution/contract.ts";
import { by, Fleet, holdersOf, jobSpec, type Site } from "../support/services.ts";

let fleet: Fleet;
let leader: Site;
let follower: Site;

beforeEach(async () => {
  fleet = await new Fleet({ size: 3 }).found();
  leader = await fleet.leader();
  follower = fleet.followers(leader)[0]!;
});
afterEach(() => fleet.stop());

async function submit(name: string, namespace = "default"): Promise<string> {
  const request = { namespace, name, spec: jobSpec() };
  return (await fleet.settled(follower.services.jobs.submit(request, by))).jobId;
}

const get = (job: string): Promise<JobView> => fleet.settled(follower.services.jobs.get(job, by));

describe("a job is found", () => {
  test("by id, by namespace/name, and by its name alone in namespace default", async () => {
    const first = await submit("etl");
    const second = await submit("etl", "prod");
    for (const selector of [first, "default/etl", "etl"])
      expect((await get(selector)).job.jobId).toBe(first);
    for (const selector of [second, "prod/etl"])
      expect((await get(selector)).job.jobId).toBe(second);
  });

  test.each(["none", "prod/none", "/etl", "default/etl/x", "j999999"])(
    "%s is said to be unknown",
    async (selector) => {
      await submit("etl");
      await expect(get(selector)).rejects.toMatchObject({
        code: "QUORATE_STATE_JOB_UNKNOWN",
        fields: { job: selector },
      });
    },
  );
});

describe("a change", () => {
  test("of the spec is answered with the job as it is now", async () => {
    const jobId = await submit("etl");
    const spec = jobSpec({ priority: 7 });
    const view = await fleet.settled(follower.services.jobs.update({ job: "etl", spec }, by));
    expect(view.job).toMatchObject({ jobId, specRevision: 2, spec: { priority: 7 } });
  });

  test("of what is desired is an event with its reason and who asked", async () => {
    await submit("etl");
    const request = { job: "etl", desired: "stopped", reason: "maintenance" } as const;
    await fleet.settled(follower.services.jobs.setDesired(request, by));
    const { events, job, row } = await fleet.settled(leader.services.jobs.get("etl", by));
    expect(job.desired).toBe("stopped");
    expect(row.assignment.state).toBe("stopped");
    expect(events.at(-1)).toMatchObject({
      kind: "JobDesiredChanged",
      actor: "test",
      detail: "stopped: maintenance",
    });
  });

  test("that is repeated with its request id is done once, also when the job is gone by then", async () => {
    const jobId = await submit("etl");
    const opened = await fleet.settled(
      leader.services.replica.submit({ kind: "open-client-session" }, by),
    );
    const once = (sequence: number) => ({
      ...by,
      request: { clientSession: opened.revision, sequence, acknowledged: 0 },
    });
    for (const job of ["etl", jobId]) {
      const request = { job, desired: "deleted", reason: "" } as const;
      await fleet.settled(follower.services.jobs.setDesired(request, once(1)));
    }
    const again = await submit("etl");
    const request = { job: "etl", desired: "deleted", reason: "" } as const;
    await fleet.settled(follower.services.jobs.setDesired(request, once(1)));
    expect((await get("etl")).job.jobId).toBe(again);
    const unknown = { job: "never", desired: "deleted", reason: "" } as const;
    await expect(
      fleet.settled(follower.services.jobs.setDesired(unknown, once(2))),
    ).rejects.toMatchObject({ code: "QUORATE_STATE_JOB_UNKNOWN", kind: "not-found" });
  });

  test("of a job that is not there is refused", async () => {
    const { jobs } = follower.services;
    const unknown = { code: "QUORATE_STATE_JOB_UNKNOWN" };
    const update = jobs.update({ job: "none", spec: jobSpec() }, by);
    await expect(fleet.settled(update)).rejects.toMatchObject(unknown);
    const stop = jobs.setDesired({ job: "none", desired: "stopped", reason: "" }, by);
    await expect(fleet.settled(stop)).rejects.toMatchObject(unknown);
  });
});

test("the list is as fresh as the moment of the question, on every server", async () => {
  for (let i = 0; i < 5; i += 1) await submit(`job${String(i)}`);
  for (const site of fleet.running()) {
    expect(await fleet.settled(site.services.jobs.list(by))).toHaveLength(5);
  }
});

describe("the ring", () => {
  test("shows shares, quotas, loads, and where each job is and would like to be", async () => {
    const holders = await holdersOf(fleet);
    for (let i = 0; i < 7; i += 1) await submit(`job${String(i)}`);
    await fleet.until("all are placed", () =>
      leader.services.replica.state
        .assignments()
        .every(({ assignment }) => assignment.state === "assigned"),
    );
    for (const via of fleet.running()) {
      const view = await fleet.settled(via.services.jobs.ring(by));
      expect(view.servers.map(({ serverId, eligible }) => [serverId, eligible])).toEqual([
        ["s1", true],
        ["s2", true],
        ["s3", true],
      ]);
      const ppm = view.servers.reduce((sum, { ringSharePpm }) => sum + ringSharePpm, 0);
      expect(Math.abs(ppm - 1_000_000)).toBeLessThanOrEqual(2);
      expect(view.servers.every(({ ringSharePpm }) => ringSharePpm > 200_000)).toBe(true);
      expect(view.servers.reduce((sum, { load }) => sum + load, 0)).toBe(7);
      expect(view.servers.reduce((sum, { quota }) => sum + quota, 0)).toBe(7);
      expect(view.maxMinusMin).toBe(1);
      for (const { owner, home, name, epoch } of view.jobs) {
        expect(["s1", "s2", "s3"]).toContain(owner);
        expect(["s1", "s2", "s3"]).toContain(home);
        expect(name).toMatch(/^default\/job[0-6]$/);
        expect(epoch).toBe(1);
      }
    }
    for (const holder of holders.values()) holder.silence();
  });

  test("without a server that runs jobs shows them without owner and home", async () => {
    await submit("etl");
    const view = await fleet.settled(follower.services.jobs.ring(by));
    expect(view.maxMinusMin).toBe(0);
    expect(view.servers.every(({ eligible, quota }) => !eligible && quota === 0)).toBe(true);
    expect(view.jobs).toMatchObject([{ owner: "", home: "", state: "pending", epoch: 0 }]);
  });

  test("of servers that were all started without a runner is empty", async () => {
    for (const site of fleet.running()) {
      const profile = { ...site.profile, capacity: 0 };
      await fleet.settled(leader.services.replica.submit({ kind: "update-server", profile }, by));
    }
    await submit("etl");
    const view = await fleet.settled(follower.services.jobs.ring(by));
    expect(view).toMatchObject({ servers: [], maxMinusMin: 0, jobs: [{ home: "" }] });
  });
});
