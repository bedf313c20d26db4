import { describe, expect, test } from "vitest";
import { apiErrors } from "../../../src/api/errors.ts";
import {
  type Checkup,
  diagnose,
  type Picture,
  type ServerHealth,
} from "../../../src/cli/diagnosis.ts";
import type { ServerStatus } from "../../../src/cli/health.ts";
import { clientErrors } from "../../../src/client/errors.ts";
import { run } from "./run.ts";

function statusOf(serverId: string, more: Partial<ServerStatus> = {}): ServerStatus {
  return {
    clusterId: "c",
    serverId,
    role: serverId === "s1" ? "leader" : "follower",
    leaderId: "s1",
    term: 3,
    commitIndex: 5000,
    appliedIndex: 5000,
    lastIndex: 5000,
    snapshotIndex: 0,
    version: "0.1.0",
    peers: [],
    voters: 3,
    failuresTolerated: 1,
    jobs: 0,
    jobsAssigned: 0,
    uptimeMs: 1,
    rssBytes: 1,
    fencing: "cgroup",
    leaseMs: 3000,
    ...more,
  };
}

function healthOf(serverId: string, more: Partial<ServerHealth> = {}): ServerHealth {
  return {
    serverId,
    clusterId: "c",
    version: "0.1.0",
    condition: "member",
    findings: [],
    diskFreeBytes: 0,
    diskTotalBytes: 0,
    chunks: { held: 1, lacking: 0, damaged: 0, repaired: 0 },
    logEntries: 1,
    uptimeMs: 1,
    wallMs: 1,
    ...more,
  };
}

const checkup = (serverId: string, more: Partial<Checkup> = {}): Checkup => ({
  serverId,
  address: `${serverId}:1`,
  status: statusOf(serverId),
  health: healthOf(serverId),
  isNotReady: false,
  clock: { offsetMs: 0, uncertaintyMs: 1 },
  ...more,
});
const silence = { status: undefined, health: undefined, clock: undefined };

type Member = NonNullable<Picture["members"]>[number];
const member = (serverId: string, more: Partial<Member> = {}): Member =>
  ({ serverId, role: "ROLE_VOTER", wasVoter: false, reason: "", ...more }) as Member;
const members = [member("s1"), member("s2"), member("s3")];
const others = [checkup("s2"), checkup("s3")];

/** `severity server code` of each. */
const found = (checkups: readonly Checkup[], known: Picture["members"] = members): string[] =>
  diagnose({ members: known, checkups }).map(({ severity, serverId, code, what, doThis }) => {
    expect([what, doThis]).not.toContain("");
    return `${severity} ${serverId} ${code}`;
  });

describe("diagnosis", () => {
  test("nothing to do", () => {
    expect(found([checkup("s1"), ...others])).toEqual([]);
  });

  test("a cluster of one has no margin, and nobody is told so every night", () => {
    const status = statusOf("s1", { voters: 1, failuresTolerated: 0 });
    expect(found([checkup("s1", { status })], [member("s1")])).toEqual([]);
  });

  test("a silent voter, and what is left of the quorum", () => {
    const status = statusOf("s1", { failuresTolerated: 0 });
    expect(found([checkup("s1", { status }), checkup("s2"), checkup("s3", silence)])).toEqual([
      "error  no-margin",
      "error s3 server-silent",
    ]);
    const lost = statusOf("s1", { failuresTolerated: -1 });
    expect(found([checkup("s1", { status: lost }), ...others])).toEqual(["error  no-quorum"]);
  });

  test("a silent learner is a warning, below the errors of others", () => {
    const known = [...members, member("s0", { role: "ROLE_LEARNER" })];
    const status = statusOf("s1", { failuresTolerated: 0 });
    const all = [checkup("s0", silence), checkup("s1", { status }), ...others];
    expect(found(all, known)).toEqual(["error  no-margin", "warning s0 server-silent"]);
  });

  test("no leader, and a leader that cannot be reached", () => {
    const alone = statusOf("s2", { leaderId: "", failuresTolerated: -1 });
    expect(found([checkup("s2", { status: alone })], undefined)).toEqual(["error  no-leader"]);
    expect(found([], undefined)).toEqual(["error  no-leader"]);
    expect(found(others, undefined)).toEqual(["error  leader-silent"]);
  });

  test("a server in quarantine, with what it says itself", () => {
    const finding = { severity: "error", code: "why", what: "w", doThis: "d" };
    const told = { ...finding, code: "quarantined" };
    for (const findings of [[finding], [told, finding]]) {
      const health = healthOf("s3", { condition: "quarantined", findings });
      const sick = checkup("s3", { status: undefined, health, isNotReady: true });
      expect(found([checkup("s1"), checkup("s2"), sick])).toEqual([
        "error s3 quarantined",
        "error s3 why",
      ]);
    }
  });

  test("a server that is no member yet", () => {
    const health = healthOf("s4", { condition: "starting" });
    const waiting = checkup("s4", { status: undefined, health, isNotReady: true });
    expect(found([checkup("s1"), ...others, waiting])).toEqual(["warning s4 not-a-member"]);
    const old = checkup("s4", { ...silence, isNotReady: true });
    expect(found([checkup("s1"), ...others, old])).toEqual(["warning s4 not-a-member"]);
  });

  test("a voter that became a learner", () => {
    const back = member("s3", { role: "ROLE_LEARNER", wasVoter: true });
    expect(found([checkup("s1"), ...others], [member("s1"), member("s2"), back])).toEqual([
      "warning s3 vote-lost",
    ]);
  });

  test("two voters left while the third is admitted anew: nobody is to add a server", () => {
    const back = member("s3", { role: "ROLE_LEARNER", wasVoter: true });
    const status = statusOf("s1", { voters: 2, failuresTolerated: 0 });
    const advice = (known: readonly Member[]): string | undefined =>
      diagnose({ members: known, checkups: [checkup("s1", { status }), ...others] }).find(
        ({ code }) => code === "no-margin",
      )?.doThis;
    const two = [member("s1"), member("s2")];
    expect(advice([...two, back])).toMatch(/^Wait: s3 votes again by itself/);
    expect(advice(two)).toContain("server add");
  });

  test("far behind", () => {
    const near = checkup("s2", { status: statusOf("s2", { appliedIndex: 4000 }) });
    const far = checkup("s3", { status: statusOf("s3", { appliedIndex: 3999 }) });
    expect(found([checkup("s1"), near, far])).toEqual(["warning s3 far-behind"]);
  });

  test("chunks", () => {
    const chunks = { held: 9, lacking: 1, damaged: 4, repaired: 3 };
    const mended = healthOf("s2", { chunks: { ...chunks, lacking: 0, damaged: 3 } });
    expect(found([checkup("s1"), checkup("s2", { health: mended })])).toEqual([
      "warning s2 chunks-repaired",
    ]);
    expect(found([checkup("s1", { health: healthOf("s1", { chunks }) }), ...others])).toEqual([
      "error s1 chunks-damaged",
      "warning s1 chunks-lacking",
      "warning s1 chunks-repaired",
    ]);
  });

  test("versions, clusters and clocks that differ", () => {
    const version = checkup("s2", { health: healthOf("s2", { version: "0.2.0" }) });
    expect(found([checkup("s1"), version])).toEqual(["warning  versions-differ"]);
    const stranger = checkup("s2", { status: statusOf("s2", { clusterId: "other" }) });
    expect(found([checkup("s1"), stranger])).toEqual(["error  clusters-differ"]);
    const late = (offsetMs: number): Checkup =>
      checkup("s2", { clock: { offsetMs, uncertaintyMs: 1 } });
    expect(found([checkup("s1"), late(-1002)])).toEqual([]);
    expect(found([checkup("s1"), late(-1003)])).toEqual(["warning  clocks-differ"]);
  });
});

interface Answers {
  readonly status?: ServerStatus;
  readonly health?: ServerHealth;
  readonly error?: Error;
}

function clusterOf(answers: Readonly<Record<string, Answers>>, isListed = true) {
  const ask = (key: "status" | "health") => (address: string) => {
    const answer = answers[address.slice(0, 2)];
    const value = answer?.[key];
    return value === undefined
      ? Promise.reject(answer?.error ?? clientErrors.UNREACHABLE("no"))
      : Promise.resolve(value);
  };
  return {
    servers: {
      list: () =>
        isListed
          ? Promise.resolve({
              servers: members.map((one) => ({ ...one, grpcAddress: `${one.serverId}:1` })),
            })
          : Promise.reject(clientErrors.UNREACHABLE("no")),
    },
    cluster: { status: ask("status"), health: ask("health") },
  };
}

const well = (serverId: string): Answers => ({
  status: statusOf(serverId),
  health: healthOf(serverId, { wallMs: Date.now() }),
});

describe("doctor", () => {
  const all = { s1: well("s1"), s2: well("s2"), s3: well("s3") };

  test("nothing to do: one line, exit 0", async () => {
    const { code, stdout } = await run(["--addr", "s1:1", "doctor"], { client: clusterOf(all) });
    expect(stdout).toBe("nothing to do: healthy, 1 more server may fail\n");
    expect(code).toBe(0);
  });

  test("one line per finding, exit 1", async () => {
    const client = clusterOf({ ...all, s3: {} });
    const { code, stdout, stderr } = await run(["--addr", "s1:1", "doctor"], { client });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^error {5}s3 {6}server-silent {2}does not answer at s3:1 {2}Look/);
    expect(stderr).toContain("QUORATE_CLI_ATTENTION_NEEDED");
    expect(code).toBe(1);
  });

  test("a given address that is no member's is asked too, and as JSON", async () => {
    const error = apiErrors.NOT_READY("not yet");
    const health = healthOf("s9", { condition: "quarantined", wallMs: Date.now() });
    const client = clusterOf({ ...all, s9: { health, error } });
    const { code, stdout } = await run(["--addr", "s1:1,s9:1", "doctor", "-o", "json"], { client });
    const document = JSON.parse(stdout) as {
      findings: { serverId: string; code: string }[];
      servers: { serverId: string; status: unknown }[];
    };
    expect(document.findings).toMatchObject([{ serverId: "s9", code: "quarantined" }]);
    expect(document.servers.map(({ serverId }) => serverId)).toEqual(["s1", "s2", "s3", "s9"]);
    expect(document.servers[3]?.status).toBeNull();
    expect(code).toBe(1);
  });

  test("without a list of members the given addresses speak for themselves", async () => {
    const client = clusterOf({ s2: well("s2") }, false);
    const { stdout } = await run(["--addr", "s2:1,s7:1", "doctor", "--no-headers"], { client });
    expect(stdout).toContain("leader-silent");
    expect(stdout).toMatch(/error +s7:1 +server-silent/);
  });

  test("another name of a member is not another server", async () => {
    const client = clusterOf({ ...all, lo: well("s1") });
    const { code } = await run(["--addr", "lo:1", "doctor"], { client });
    expect(code).toBe(0);
  });
});
