import { describe, expect, test } from "vitest";
import { cliErrors } from "../../../src/cli/errors.ts";
import { healthOf, type ServerStatus, type ServerView } from "../../../src/cli/health.ts";
import { clientErrors } from "../../../src/client/errors.ts";
import { run, words } from "./run.ts";

function statusOf(serverId: string, more: Partial<ServerStatus> = {}): ServerStatus {
  return {
    clusterId: "c",
    serverId,
    role: "follower",
    leaderId: "s1",
    term: 3,
    commitIndex: 10,
    appliedIndex: 10,
    lastIndex: 10,
    snapshotIndex: 0,
    version: "0.1.0",
    peers: [],
    voters: 3,
    failuresTolerated: 1,
    jobs: 2,
    jobsAssigned: 2,
    uptimeMs: 61_000,
    rssBytes: 1,
    fencing: "cgroup",
    leaseMs: 3000,
    ...more,
  };
}

const view = (serverId: string, more?: Partial<ServerStatus>): ServerView => ({
  serverId,
  status: statusOf(serverId, more),
});
const leader = view("s1", { role: "leader" });
const silent: ServerView = { serverId: "s3", status: undefined };

describe("health", () => {
  test("three of three", () => {
    expect(healthOf([leader, view("s2"), view("s3")])).toEqual({
      level: "healthy",
      failuresTolerated: 1,
      text: "healthy, 1 more server may fail",
      warnings: [],
    });
    expect(healthOf([view("s1", { role: "leader", failuresTolerated: 2 })]).text).toBe(
      "healthy, 2 more servers may fail",
    );
  });

  test("two of three: the leader's word counts, not the followers'", () => {
    const health = healthOf([
      view("s2", { failuresTolerated: 1 }),
      view("s1", { role: "leader", failuresTolerated: 0 }),
      silent,
    ]);
    expect(health.level).toBe("degraded");
    expect(health.text).toBe("degraded: s3 does not answer; no further server may fail");
  });

  test("of two leaders the one with the higher term counts", () => {
    const old = view("s2", { role: "leader", term: 2, failuresTolerated: 9 });
    expect(healthOf([old, leader]).failuresTolerated).toBe(1);
  });

  test("a cluster of one is healthy and says what that means", () => {
    const health = healthOf([view("s1", { role: "leader", voters: 1, failuresTolerated: 0 })]);
    expect(health).toMatchObject({
      level: "healthy",
      text: "healthy, a cluster of one: no server may fail",
    });
  });

  test("no leader, no answers: no quorum", () => {
    const alone = view("s2", { leaderId: "", failuresTolerated: -1 });
    expect(healthOf([alone, silent]).level).toBe("no-quorum");
    expect(healthOf([silent]).level).toBe("no-quorum");
  });

  test("best-effort fencing is a warning with names", () => {
    const weak = { fencing: "process-group" };
    const { warnings } = healthOf([leader, view("s2", weak), view("s3", weak)]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("s2, s3 (process-group)");
  });
});

function clusterOf(statuses: Readonly<Record<string, ServerStatus>>) {
  const ids = ["s1", "s2", "s3"];
  return {
    servers: {
      list: () =>
        Promise.resolve({
          servers: ids.map((serverId) => ({ serverId, grpcAddress: `${serverId}:1` })),
          revision: 1,
        }),
    },
    cluster: {
      status: (address: string) => {
        const status = statuses[address.slice(0, 2)];
        return status === undefined
          ? Promise.reject(clientErrors.UNREACHABLE("no"))
          : Promise.resolve(status);
      },
    },
    jobs: { ring: () => Promise.resolve({ jobs: [{ owner: "s1" }, { owner: "s1" }] }) },
  };
}

describe("cluster status", () => {
  const healthy = {
    s1: statusOf("s1", { role: "leader" }),
    s2: statusOf("s2", { appliedIndex: 7 }),
    s3: statusOf("s3", { fencing: "process-group" }),
  };

  test("asks every member and shows lag, jobs and health", async () => {
    const { code, stdout, stderr } = await run(["cluster", "status"], {
      client: clusterOf(healthy),
    });
    expect(code).toBe(0);
    const [head, ...rows] = stdout.split("\n").map((line) => line.trim().split(/ +/));
    expect(head).toEqual([
      "ID",
      "ROLE",
      "LEADER",
      "TERM",
      "COMMIT",
      "APPLIED",
      "LAG",
      "JOBS",
      "FENCING",
      "UPTIME",
    ]);
    expect(rows[0]).toEqual(["s1", "leader", "s1", "3", "10", "10", "0", "2", "cgroup", "1m1s"]);
    expect(rows[1]?.slice(5, 8)).toEqual(["7", "3", "0"]);
    expect(stdout).toMatch(/\nhealthy, 1 more server may fail\n$/);
    expect(stderr).toMatch(/^warning: fencing is best effort on s3/);
  });

  test("a learner is called one", async () => {
    const client = clusterOf({ ...healthy, s3: statusOf("s3", { role: "learner" }) });
    const { stdout } = await run(["cluster", "status"], { client });
    expect(words(stdout)[3]?.slice(0, 2)).toEqual(["s3", "learner"]);
    expect(stdout).toMatch(/\nhealthy, 1 more server may fail\n$/);
  });

  test("as a document", async () => {
    const { stdout, stderr } = await run(["cluster", "status", "-o", "json"], {
      client: clusterOf({ s1: healthy.s1, s2: healthy.s2 }),
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      servers: [
        { serverId: "s1", isAnswering: true, jobsHeld: 2, status: { term: 3 } },
        { serverId: "s2", isAnswering: true, jobsHeld: 0 },
        { serverId: "s3", isAnswering: false, status: null },
      ],
      health: { level: "degraded" },
    });
  });

  test("without a quorum it shows what it can, and fails", async () => {
    const alone = statusOf("s2", { leaderId: "", failuresTolerated: -1 });
    const { code, stdout, stderr } = await run(["cluster", "status"], {
      client: clusterOf({ s2: alone }),
    });
    expect(code).toBe(3);
    expect(words(stdout).map(([id]) => id)).toEqual([
      "ID",
      "s1",
      "s2",
      "s3",
      "",
      expect.stringMatching(/^no quorum/),
    ]);
    expect(stderr).toContain("(QUORATE_CLI_NO_QUORUM)");
  });

  test("when nobody lists the members, the given addresses speak for themselves", async () => {
    const client = {
      ...clusterOf({ s2: statusOf("s2", { leaderId: "", failuresTolerated: -1 }) }),
      servers: { list: () => Promise.reject(clientErrors.NO_ANSWER("no")) },
    };
    const { code, stdout } = await run(["cluster", "status", "--addr", "s2:1,s9:1"], { client });
    expect(code).toBe(3);
    expect(
      words(stdout)
        .map(([id]) => id)
        .slice(1, 3),
    ).toEqual(["s2", "s9:1"]);
  });

  test("when nobody says anything, the first silence is the error", async () => {
    const client = {
      ...clusterOf({}),
      servers: { list: () => Promise.reject(clientErrors.UNREACHABLE("nobody there")) },
    };
    const { code, stdout, stderr } = await run(["cluster", "status"], { client });
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toContain("nobody there (QUORATE_CLIENT_UNREACHABLE)");
  });

  test("an error that is not silence is told as it is", async () => {
    const client = {
      ...clusterOf({}),
      servers: { list: () => Promise.reject(cliErrors.USAGE("odd")) },
    };
    expect((await run(["cluster", "status"], { client })).code).toBe(2);
  });
});

describe("colours", () => {
  const one = { s1: statusOf("s1", { role: "leader" }), s2: statusOf("s2"), s3: statusOf("s3") };
  const escape = "\u001b[";

  test("on a terminal only, unless they are not wanted", async () => {
    const client = clusterOf(one);
    const argv = ["cluster", "status"];
    expect((await run(argv, { client, isTTY: true })).stdout).toContain(escape);
    for (const [more, inputs] of [
      [[], { isTTY: false }],
      [["--no-color"], { isTTY: true }],
      [[], { isTTY: true, environment: { NO_COLOR: "1" } }],
    ] as const) {
      expect((await run([...argv, ...more], { client, ...inputs })).stdout).not.toContain(escape);
    }
  });
});
