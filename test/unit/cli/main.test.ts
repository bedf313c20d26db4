import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { type ErrorKind, QuorateError } from "../../../src/base/errors.ts";
import { runCli } from "../../../src/cli/main.ts";
import { version } from "../../../src/server/version.ts";
import { run } from "./run.ts";

function failing(kind: ErrorKind) {
  const record = {
    code: "QUORATE_TEST_X",
    kind,
    message: "it went\u001b[31m wrong",
    help: "do that",
    fields: { a: 1 },
  };
  return { kv: { get: () => Promise.reject(new QuorateError(record)) } };
}

interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly kind: string };
}

const documentOf = (text: string): ErrorDocument => JSON.parse(text) as ErrorDocument;

describe("exit codes", () => {
  const codes: readonly (readonly [ErrorKind, number])[] = [
    ["invalid", 2],
    ["not-found", 5],
    ["already-exists", 6],
    ["conflict", 6],
    ["precondition", 1],
    ["forbidden", 4],
    ["exhausted", 3],
    ["unavailable", 3],
    ["unknown", 7],
    ["corrupt", 1],
    ["internal", 1],
  ];
  for (const [kind, code] of codes) {
    test(`${kind} is ${code}`, async () => {
      expect((await run(["kv", "get", "k"], { client: failing(kind) })).code).toBe(code);
    });
  }
});

describe("errors", () => {
  test("for a person: message, code and help on stderr, control characters removed", async () => {
    const { stdout, stderr, closed } = await run(["kv", "get", "k"], {
      client: failing("invalid"),
    });
    expect(stdout).toBe("");
    expect(stderr).toBe("error: it went [31m wrong (QUORATE_TEST_X)\nhelp: do that\n");
    expect(closed).toBe(1);
  });

  test("for a script: one object on stderr", async () => {
    for (const [argv, environment] of [
      [["kv", "get", "k", "-o", "json"], {}],
      [["-ojson", "kv", "get", "k"], {}],
      [["kv", "--output=json", "get", "k"], {}],
      [["kv", "get", "k"], { QUORATE_OUTPUT: "json" }],
    ] as const) {
      const { stderr } = await run(argv, { client: failing("conflict"), environment });
      expect(JSON.parse(stderr)).toEqual({
        error: {
          code: "QUORATE_TEST_X",
          kind: "conflict",
          message: "it went\u001b[31m wrong",
          help: "do that",
          fields: { a: 1 },
        },
      });
    }
  });

  test("what has no code is a defect", async () => {
    const client = { kv: { get: () => Promise.reject(new Error("bug")) } };
    const { code, stderr } = await run(["kv", "get", "k"], { client });
    expect(code).toBe(1);
    expect(stderr).toContain("unexpected: bug (QUORATE_CLI_DEFECT)");
  });
});

describe("usage", () => {
  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [["kv", "gett", "k"], /unknown command 'gett' \(Did you mean get\?\)/],
    [["nothing"], /unknown command 'nothing'/],
    [["kv", "get"], /missing required argument 'key'/],
    [["kv", "get", "a", "b"], /too many arguments/],
    [["kv", "get", "a", "--stael"], /unknown option '--stael' \(Did you mean --stale\?\)/],
    [["kv", "get", "a", "--addr"], /argument missing/],
    [["kv", "get", "a", "-o", "yaml"], /the output format is "yaml"/],
    [["kv", "get", "a", "--timeout", "1s"], /--timeout is "1s"/],
    [["job", "run", "x", "--restart", "never!", "--jar", "a"], /Allowed choices are always/],
    [["job", "run", "x", "--jar", "a", "b"], /too many arguments/],
    [["server", "start", "--data", "x"], /write `quorate server start` first/],
  ];
  for (const [argv, pattern] of mistakes) {
    test(argv.join(" "), async () => {
      const human = await run(argv);
      expect(human.code).toBe(2);
      expect(human.stdout).toBe("");
      expect(human.stderr).toMatch(pattern);
      expect(human.stderr).toContain("(QUORATE_CLI_USAGE)");
      expect(human.connected).toEqual([]);
      if (argv.includes("-o") || argv.at(-1) === "--addr") return;
      const script = await run([...argv, "-o", "json"]);
      expect(script.code).toBe(2);
      expect(documentOf(script.stderr).error.code).toBe("QUORATE_CLI_USAGE");
      expect(documentOf(script.stderr).error.message).toMatch(pattern);
    });
  }

  test("a noun without a verb shows its help on stderr and fails", async () => {
    const { code, stdout, stderr } = await run(["kv"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^Usage: quorate kv/);
    const script = await run(["kv", "-o", "json"]);
    expect(documentOf(script.stderr).error.message).toBe("name a command");
  });
});

describe("help and version", () => {
  test("go to stdout and succeed", async () => {
    for (const argv of [["--help"], ["kv", "-h"], ["kv", "get", "--help"]]) {
      const { code, stdout, stderr } = await run(argv);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/^Usage: quorate/);
    }
    expect(await run(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe("settings", () => {
  const client = { jobs: { list: () => Promise.resolve([]) } };

  test("a flag wins over the environment, the environment over the default", async () => {
    const list = ["job", "list"];
    const flag = ["--addr", "a:1, b:2"];
    const environment = { QUORATE_ADDR: "c:3" };
    expect((await run(list, { client })).connected[0]?.addresses).toEqual(["127.0.0.1:7471"]);
    expect((await run(list, { client, environment })).connected[0]?.addresses).toEqual(["c:3"]);
    for (const argv of [
      [...list, ...flag],
      [...flag, ...list],
    ]) {
      expect((await run(argv, { client, environment })).connected[0]?.addresses).toEqual([
        "a:1",
        "b:2",
      ]);
    }
  });

  test("the timeout holds for calls and transfers, the user is named", async () => {
    const { connected } = await run(["job", "list", "--timeout", "250"], {
      client,
      environment: { USER: "ada" },
    });
    expect(connected).toEqual([
      {
        addresses: ["127.0.0.1:7471"],
        actor: "cli:ada",
        deadlineMs: 250,
        transferDeadlineMs: 250,
      },
    ]);
  });
});

describe("a reader that goes away", () => {
  test("ends the command quietly", async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      },
    });
    let text = "";
    const stderr = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        done();
      },
    });
    const code = await runCli({
      argv: ["--version"],
      environment: {},
      stdout: stdout,
      stderr: stderr,
    }).catch(() => -1);
    expect([code, text]).toEqual([0, ""]);
  });
});
