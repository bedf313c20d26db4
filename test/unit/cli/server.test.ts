import { describe, expect, test } from "vitest";
import { serverOptions } from "../../../src/server/config/options.ts";
import { run, words } from "./run.ts";

describe("server start --help", () => {
  test("names every option with its text and default", async () => {
    const { code, stdout } = await run(["server", "start", "--help"]);
    expect(code).toBe(0);
    for (const { name, text } of serverOptions) {
      expect(stdout).toContain(`  --${name}`);
      expect(stdout).toContain(text);
    }
    expect(stdout).toContain("--lease <fast|default|relaxed>");
    expect(stdout).toContain("Default: 7471.");
  });
});

describe("servers", () => {
  test("list in plain words", async () => {
    const server = {
      serverId: "s1",
      role: "ROLE_VOTER",
      liveness: "LIVENESS_UP",
      leader: true,
      adminState: "active",
      capacity: 32,
      zone: "",
      peerAddress: "h:1",
      grpcAddress: "h:2",
      version: "0.1.0",
    };
    const client = {
      servers: { list: () => Promise.resolve({ servers: [server], revision: 3 }) },
    };
    const { stdout } = await run(["server", "list", "--no-headers"], { client });
    expect(words(stdout)).toEqual([
      ["s1", "voter", "up", "yes", "active", "32", "-", "h:1", "h:2", "0.1.0"],
    ]);
  });

  for (const verb of ["add", "promote", "remove", "lead"]) {
    test(`${verb} prints what was decided`, async () => {
      const seen: unknown[] = [];
      const client = {
        servers: {
          [verb]: (subject: string) => {
            seen.push(subject);
            return Promise.resolve({ serverId: "s4", peerId: 4, revision: 9, text: "it is so" });
          },
        },
      };
      const { stdout, stderr } = await run(["server", verb, "s4"], { client });
      expect(seen).toEqual(["s4"]);
      expect(stdout).toMatch(/^s4 +4 +9$/m);
      expect(stderr).toBe("it is so\n");
      const script = await run(["server", verb, "s4", "-o", "json"], { client });
      expect(JSON.parse(script.stdout)).toMatchObject({ text: "it is so", revision: 9 });
      expect(script.stderr).toBe("");
    });
  }
});

describe("server states", () => {
  for (const [verb, word] of [
    ["cordon", "keeps its jobs"],
    ["drain", "jobs move off"],
    ["uncordon", "takes jobs again"],
  ] as const) {
    test(`${verb} says what follows`, async () => {
      const seen: unknown[] = [];
      const client = {
        servers: {
          [verb]: (...args: unknown[]) => {
            seen.push(args);
            return Promise.resolve({ serverId: "s2", peerId: 2, revision: 9, text: "now so" });
          },
        },
      };
      const argv = ["server", verb, "s2", "--reason", "new disk"];
      const { code, stdout, stderr } = await run(argv, { client });
      expect([code, seen]).toEqual([0, [["s2", { reason: "new disk" }]]]);
      expect(stdout).toMatch(/^s2 +2 +9$/m);
      expect(stderr).toMatch(/^now so: /);
      expect(stderr).toContain(word);
      const script = await run(["server", verb, "s2", "-o", "json"], { client });
      expect(JSON.parse(script.stdout)).toMatchObject({ revision: 9 });
      expect(script.stderr).toBe("");
      expect(seen.at(-1)).toEqual(["s2", { reason: "" }]);
    });
  }
});

describe("ring show", () => {
  const ring = {
    revision: 1,
    algorithmVersion: 1,
    servers: [
      { serverId: "s1", capacity: 4, eligible: true, load: 2, quota: 2, ringSharePpm: 600_000 },
      { serverId: "s2", capacity: 4, eligible: false, load: 1, quota: 2, ringSharePpm: 400_000 },
    ],
    jobs: [
      { jobId: "j1", name: "default/n", state: "assigned", owner: "s1", epoch: 3, home: "s2" },
    ],
    maxMinusMin: 1,
  };

  test("bars are as long as shares, the last line is the imbalance", async () => {
    const client = { jobs: { ring: () => Promise.resolve(ring) } };
    const { stdout } = await run(["ring", "show"], { client });
    const lines = stdout.split("\n");
    expect(lines[1]).toMatch(/60\.0 % {2}#{30}$/);
    expect(lines[2]).toMatch(/40\.0 % {2}#{20}$/);
    expect(stdout).toMatch(/j1 +default\/n +assigned +s1 +s2 +3/);
    expect(stdout).toMatch(/\nmax − min: 1\n$/);
  });

  test("an empty ring and a document", async () => {
    const empty = { ...ring, servers: [], jobs: [], maxMinusMin: 0 };
    const client = { jobs: { ring: () => Promise.resolve(empty) } };
    expect((await run(["ring", "show"], { client })).stdout).toContain("max − min: 0");
    const { stdout } = await run(["ring", "show", "-o", "json"], { client });
    expect(JSON.parse(stdout)).toEqual(empty);
  });
});
