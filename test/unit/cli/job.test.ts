import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { jobFromText } from "../../../src/cli/job-spec.ts";
import { run, words } from "./run.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const taken = new QuorateError({
  code: "QUORATE_STATE_JOB_EXISTS",
  kind: "already-exists",
  message: "exists",
  help: "",
  fields: {},
});

function jobsOf(seen: unknown[], isTaken = false) {
  return {
    jobs: {
      submit: (job: unknown) => {
        seen.push(job);
        return isTaken ? Promise.reject(taken) : Promise.resolve({ jobId: "j1", revision: 9 });
      },
      update: (...args: unknown[]) => {
        seen.push(args);
        return Promise.resolve({ jobId: "j1", specRevision: 2 });
      },
    },
  };
}

async function submitted(...argv: readonly string[]): Promise<unknown> {
  const seen: unknown[] = [];
  const { code, stderr } = await run(["job", "run", ...argv], { client: jobsOf(seen) });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return seen[0];
}

const ref = (name: string, version = "latest") => ({ namespace: "default", name, version });

describe("job run", () => {
  test("a jar with everything", async () => {
    const job = await submitted(
      ...["ns/n", "--jar", "app.jar@3", "--main-class", "a.B", "--jvm-option=-Xmx1g"],
      ...["--jvm-option", "-Da=b", "--env", "A=1", "--env", "B=", "--slots", "2"],
      ...["--priority", "5", "--restart", "never", "--stop-signal", "SIGINT"],
      ...["--stop-grace", "500", "--on-server-death", "stop", "--on-lease-loss", "keep"],
      ...["--arg", "--first", "--", "--second", "-o", "json", "--", "third"],
    );
    expect(job).toEqual({
      namespace: "ns",
      name: "n",
      spec: {
        java: {
          resource: ref("app.jar", "3"),
          mainClass: "a.B",
          jvmOptions: ["-Xmx1g", "-Da=b"],
        },
        args: ["--first", "--second", "-o", "json", "--", "third"],
        env: { A: "1", B: "" },
        slots: 2,
        priority: 5,
        restart: "never",
        stopSignal: "SIGINT",
        stopGraceMs: 500,
        onServerDeath: "stop",
        onLeaseLoss: "keep",
      },
    });
  });

  test("a script and a program; what is not said is left to the servers", async () => {
    expect(await submitted("n", "--node", "a.mjs", "--", "x")).toEqual({
      namespace: "default",
      name: "n",
      spec: { node: { resource: ref("a.mjs") }, args: ["x"], env: {} },
    });
    expect(
      await submitted("n", "--command", "--resource", "d@1", "--", "sh", "-c", "exit 1"),
    ).toEqual({
      namespace: "default",
      name: "n",
      spec: {
        command: { command: ["sh", "-c", "exit 1"], resource: ref("d", "1") },
        args: [],
        env: {},
      },
    });
  });

  test("prints the id", async () => {
    const { stdout } = await run(["job", "run", "n", "--node", "a"], { client: jobsOf([]) });
    expect(stdout).toBe("NAME       ID  REVISION\ndefault/n  j1         9\n");
  });

  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [["n"], /exactly one of/],
    [["n", "--jar", "a", "--node", "b"], /exactly one of/],
    [["--jar", "a"], /NAME/],
    [["--command", "--", "true"], /NAME/],
    [["n", "--command"], /after `--`/],
    [["n", "--node", "a", "--main-class", "x"], /belong to --jar/],
    [["n", "--node", "a", "--resource", "x"], /belongs to --command/],
    [["n", "--jar", "a", "--slots", "0x2"], /--slots/],
    [["n", "--jar", "a", "--slots", "0"], /at least 1/],
    [["n", "--jar", "a", "--priority", "101"], /up to 100/],
    [["n", "--jar", "a", "--env", "A"], /NAME=VALUE/],
    [["n", "-f", "x.yaml"], /give no NAME/],
  ];
  for (const [argv, pattern] of mistakes) {
    test(`refuses ${argv.join(" ")}`, async () => {
      const { code, stderr, connected } = await run(["job", "run", ...argv]);
      expect(stderr).toMatch(pattern);
      expect([code, connected.length]).toEqual([2, 0]);
    });
  }

  test("--update gives a job that exists the spec; without it the name is taken", async () => {
    const seen: unknown[] = [];
    const argv = ["job", "run", "n", "--node", "a"];
    expect((await run(argv, { client: jobsOf([], true) })).code).toBe(6);
    const done = await run([...argv, "--update"], { client: jobsOf(seen, true) });
    expect(done.code).toBe(0);
    expect(seen[1]).toEqual(["default/n", { node: { resource: ref("a") }, args: [], env: {} }]);
  });
});

describe("job files", () => {
  test("YAML and JSON say the same", async () => {
    const path = join(folder, "job.yaml");
    writeFileSync(path, "name: n\nspec:\n  command: { command: [sleep, '5'] }\n  slots: 2\n");
    const json = join(folder, "job.json");
    writeFileSync(json, '{"name":"n","spec":{"command":{"command":["sleep","5"]},"slots":2}}');
    const job = await submitted("-f", path);
    expect(job).toEqual({
      namespace: "default",
      name: "n",
      spec: { command: { command: ["sleep", "5"] }, slots: 2 },
    });
    expect(await submitted("-f", json)).toEqual(job);
  });

  const bad: readonly (readonly [string, RegExp])[] = [
    ["[1]", /must be an object/],
    ["name: n", /spec must be an object/],
    ["name: 5\nspec: {}", /must be texts/],
    ["name: n\nspec: {slot: 2}", /unknown field slot/],
    ["name: n\nspecs: {}", /unknown field specs/],
    ["a: [", /job.yaml/],
  ];
  for (const [text, pattern] of bad) {
    test(`refuses ${JSON.stringify(text)}`, async () => {
      await expect(jobFromText(text, "job.yaml")).rejects.toMatchObject({
        code: "QUORATE_CLI_BAD_FILE",
        message: expect.stringMatching(pattern) as string,
      });
    });
  }

  test("a file that is not there", async () => {
    const { code, stderr } = await run(["job", "run", "-f", join(folder, "none")]);
    expect(code).toBe(2);
    expect(stderr).toContain("(QUORATE_CLI_BAD_FILE)");
  });
});

const job = {
  jobId: "j1",
  namespace: "default",
  name: "n",
  specRevision: 1,
  spec: null,
  desired: "running",
  state: "revoking",
  reason: "",
  owner: "s1",
  nextOwner: "s2",
  epoch: 4,
  run: { phase: "running", restarts: 2, message: "out of memory\u0007" },
};

describe("job list, status and wishes", () => {
  test("list shows a move as owner→next", async () => {
    const client = { jobs: { list: () => Promise.resolve([job]) } };
    const { stdout } = await run(["job", "list"], { client });
    expect(words(stdout)[1]).toEqual(
      expect.arrayContaining(["default/n", "j1", "running", "revoking", "s1→s2"]),
    );
    const json = await run(["job", "list", "-o", "json"], { client });
    expect(JSON.parse(json.stdout)).toMatchObject({ jobs: [{ jobId: "j1", epoch: 4 }] });
  });

  test("status adds the last report and the events", async () => {
    const events = [{ atMs: 0, revision: 5, kind: "AssignmentMade", actor: "leader", detail: "x" }];
    const client = { jobs: { get: () => Promise.resolve({ job, events }) } };
    const { stdout, stderr } = await run(["job", "status", "n"], { client });
    expect(stdout).toContain("AssignmentMade");
    expect(stderr).toBe("last report: out of memory \n");
  });

  for (const verb of ["stop", "start", "delete"]) {
    test(`${verb} hands on the name and the reason`, async () => {
      const seen: unknown[] = [];
      const client = {
        jobs: {
          [verb]: (...args: unknown[]) => {
            seen.push(args);
            return Promise.resolve({ revision: 3 });
          },
        },
      };
      const { stdout } = await run(["job", verb, "ns/n", "--reason", "r"], { client });
      expect(seen).toEqual([["ns/n", { reason: "r" }]]);
      expect(stdout).toMatch(/ns\/n +3\n/);
    });
  }
});

describe("job logs", () => {
  const pieceOf = (text: string, nextOffset: number) => ({
    data: Buffer.from(text),
    nextOffset,
    serverId: "s1",
    truncated: false,
  });

  test("reads to the end, from the tail on", async () => {
    const asked: unknown[] = [];
    const pieces = [pieceOf("one ", 4), pieceOf("two", 7), pieceOf("", 7)];
    const client = {
      jobs: {
        readLog: (_job: string, at: unknown) => {
          asked.push(at);
          return Promise.resolve(pieces[asked.length - 1]);
        },
      },
    };
    const { stdout } = await run(["job", "logs", "n", "--tail", "9"], { client });
    expect(stdout).toBe("one two");
    expect(asked).toEqual([{ tailBytes: 9 }, { offset: 4 }, { offset: 7 }]);
  });

  test("-f prints pieces as they come; as JSON one line each", async () => {
    async function* followLog() {
      yield pieceOf("a\u001b[1m", 1);
      yield pieceOf("\u0000", 2);
    }
    const client = { jobs: { followLog } };
    expect((await run(["job", "logs", "n", "-f"], { client })).stdout).toBe("a\u001b[1m\u0000");
    const { stdout } = await run(["job", "logs", "n", "-f", "-o", "json"], { client });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines[0]).toMatchObject({ text: "a\u001b[1m", serverId: "s1", nextOffset: 1 });
    expect(lines).toHaveLength(2);
  });

  test("-f says on stderr what it waits for and where the output goes on", async () => {
    interface Options {
      readonly onInterrupted: (reason: { readonly message: string }) => Promise<void>;
    }
    async function* followLog(_job: string, { onInterrupted }: Options) {
      yield pieceOf("a", 1);
      await onInterrupted({ message: "s1 is silent" });
      yield { ...pieceOf("b", 1), serverId: "s2" };
      yield { ...pieceOf("c", 2), serverId: "s2" };
    }
    const client = { jobs: { followLog } };
    const { stdout, stderr } = await run(["job", "logs", "n", "-f"], { client });
    expect(stdout).toBe("abc");
    expect(stderr).toBe("waiting: s1 is silent\nthe output goes on from s2\n");
    expect((await run(["job", "logs", "n", "-f", "-o", "json"], { client })).stderr).toBe("");
  });
});
