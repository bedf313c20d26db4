import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { QuorateError } from "../../../../src/base/errors.ts";
import { exitCodeOf } from "../../../../src/base/exit-codes.ts";
import { balanceHoldMsDefault } from "../../../../src/distribution/rebalancer.ts";
import { serverOptions } from "../../../../src/server/config/options.ts";
import {
  type Environment,
  environmentName,
  readOptions,
} from "../../../../src/server/config/parse.ts";
import {
  isLoopback,
  peerPortDefault,
  type ServerSettings,
  toSettings,
} from "../../../../src/server/config/settings.ts";

function settings(argv: readonly string[], environment: Environment = {}): ServerSettings {
  return toSettings(readOptions(argv, environment));
}

function refusal(argv: readonly string[], environment: Environment = {}): QuorateError {
  try {
    settings(argv, environment);
  } catch (error) {
    if (error instanceof QuorateError) return error;
    throw error;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
}

describe("the table of options", () => {
  test("names each once and says what it does, what goes wrong, and a default that is valid", () => {
    const names = serverOptions.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { text, risk } of serverOptions) {
      expect(text.length).toBeGreaterThan(10);
      expect(risk.length).toBeGreaterThan(3);
    }
    expect(settings([])).toMatchObject({
      dataDirectory: resolve("quorate-data"),
      serverId: "",
      join: [],
      expect: 1,
      awaitAdd: false,
      host: "127.0.0.1",
      advertise: "127.0.0.1",
      httpPort: 7470,
      grpcPort: 7471,
      peerPort: 7472,
      leaseReads: false,
      electionPriority: 3,
      balanceHoldMs: balanceHoldMsDefault,
      agentGraceMs: 30_000,
      logLevel: "info",
      profile: { name: "default", leaseMs: 3000 },
    });
  });

  test("reads every option from its flag before its variable before its default", () => {
    const values: Readonly<Record<string, readonly [string, string]>> = {
      flag: ["true", "false"],
      number: ["1001", "1002"],
      text: ["one", "two"],
      list: ["h1", "h2"],
      labels: ["a=1", "b=2"],
    };
    for (const { name, kind, fallback } of serverOptions) {
      const [said, variable] = values[kind]!;
      const environment = { [environmentName(name)]: variable };
      const read = (argv: readonly string[], from: Environment) => readOptions(argv, from)[name];
      const flag = kind === "flag" ? [`--${name}`] : [`--${name}`, said];
      expect(read(flag, environment)).toEqual({ text: said, origin: "flag" });
      expect(read([], environment)).toEqual({ text: variable, origin: "environment" });
      expect(read([], {})).toEqual({ text: fallback, origin: "default" });
    }
    expect(environmentName("http-port")).toBe("QUORATE_HTTP_PORT");
  });
});

describe("the command line", () => {
  test("takes --name value and --name=value, and flags with and without a value", () => {
    expect(settings(["--capacity=7"]).capacity).toBe(7);
    expect(settings(["--capacity", "7"]).capacity).toBe(7);
    expect(settings(["--no-runner"]).capacity).toBe(0);
    expect(settings(["--no-runner=false", "--capacity", "7"]).capacity).toBe(7);
  });

  test("of a list may come in several parts, of anything else the last one counts", () => {
    expect(settings(["--join", "h1", "--join", "h2,h3"]).join).toEqual([
      "h1:7472",
      "h2:7472",
      "h3:7472",
    ]);
    expect(settings(["--labels", "a=1", "--labels", "b=2"]).labels).toEqual({ a: "1", b: "2" });
    expect(settings(["--id", "one", "--id", "two"]).serverId).toBe("two");
  });

  test.each([
    [["--prot", "1"], "did you mean --peer-port?", false],
    [["--expct", "3"], "did you mean --expect?", true],
    [["--dta", "x"], "did you mean --data?", true],
    [["--http_port", "1"], "did you mean --http-port?", true],
    [["--zzz", "1"], "did you mean", false],
    [["-x"], "did you mean", false],
  ])("%j is no option", (argv, suggestion, isSuggested) => {
    const { code, message } = refusal(argv);
    expect(code).toBe("QUORATE_SERVER_UNKNOWN_OPTION");
    expect(message.includes(suggestion)).toBe(isSuggested);
  });

  test("has no words without a flag", () => {
    expect(refusal(["start"]).code).toBe("QUORATE_SERVER_UNKNOWN_OPTION");
    expect(refusal(["--no-runner", "yes"]).code).toBe("QUORATE_SERVER_UNKNOWN_OPTION");
  });

  test.each([[["--data"]], [["--data", "--id", "s1"]], [["--join", "-h"]]])(
    "%j lacks a value",
    (argv) => {
      const { code, message } = refusal(argv);
      expect(code).toBe("QUORATE_SERVER_BAD_OPTION");
      expect(message).toContain("needs a value");
    },
  );
});

test("no slots at all are refused with the option that is meant", () => {
  const settings = (...argv: string[]): unknown => toSettings(readOptions(argv, {}));
  expect(() => settings("--capacity", "0")).toThrow(/--no-runner/);
  expect(settings("--capacity", "1")).toMatchObject({ capacity: 1 });
  expect(settings("--no-runner")).toMatchObject({ capacity: 0 });
});

describe("bad values", () => {
  test.each([
    ["--http-port", "65536"],
    ["--http-port", "-1"],
    ["--http-port", "0x10"],
    ["--http-port", "1.5"],
    ["--http-port", ""],
    ["--grpc-port", "http"],
    ["--capacity", "0"],
    ["--capacity", "100001"],
    ["--expect", "16"],
    ["--balance-hold", "soon"],
    ["--election-priority", "4"],
    ["--agent-grace", "10"],
    ["--id", "Server One"],
    ["--id", "../x"],
    ["--id", "s".repeat(64)],
    ["--lease", "slow"],
    ["--log-level", "trace"],
    ["--insecure", "maybe"],
    ["--labels", "rack"],
    ["--labels", "a=1,,b=2"],
    ["--labels", "a=\u001b"],
    ["--labels", Array.from({ length: 65 }, (_, i) => `l${String(i)}=x`).join(",")],
    ["--zone", "a b"],
    ["--data", ""],
    ["--host", "not a host"],
    ["--host", "a:b"],
    ["--advertise", "x/y"],
    ["--join", "h1,,h2"],
    ["--join", "h1:"],
    ["--join", "h1:0"],
    ["--join", "h1:65536"],
    ["--join", "h1:port"],
    ["--join", "http://h1:7472"],
    ["--join", "::1"],
    ["--join", "[nonsense]:7472"],
  ])("%s %j is refused, by its name, as wrong usage", (flag, value) => {
    const error = refusal([`${flag}=${value}`]);
    expect(error.code).toBe("QUORATE_SERVER_BAD_OPTION");
    expect(error.message).toContain(flag);
    expect(error.help).toContain("--help");
    expect(exitCodeOf(error)).toBe(2);
  });

  test("of a variable are refused by the variable's name", () => {
    const error = refusal([], { QUORATE_CAPACITY: "many" });
    expect(error.message).toContain('QUORATE_CAPACITY is "many"');
    expect(error.fields).toEqual({ option: "capacity" });
  });
});

describe("addresses to join", () => {
  test("get the default port, in any form of an address", () => {
    const join = ["h1", "h2:7000", "10.0.0.1", "[::1]", "[fe80::1]:9"];
    expect(settings(["--join", join.join(",")]).join).toEqual([
      `h1:${String(peerPortDefault)}`,
      "h2:7000",
      "10.0.0.1:7472",
      "[::1]:7472",
      "[fe80::1]:9",
    ]);
  });

  test("count once each, and as many are expected as there are", () => {
    const { join, expect: expected } = settings(["--join", "h1,h2,h1:7472"]);
    expect([join, expected]).toEqual([["h1:7472", "h2:7472"], 2]);
    expect(settings(["--join", "h1,h2,h3", "--expect", "2"]).expect).toBe(2);
  });

  test("are at least as many as are expected", () => {
    expect(refusal(["--join", "h1,h2", "--expect", "3"]).message).toContain("at most 2");
    const alone = refusal(["--expect", "3"]);
    expect(alone.message).toContain("without --join");
  });

  test("are needed to wait for an operator", () => {
    const { code, message } = refusal(["--await-add"]);
    expect(code).toBe("QUORATE_SERVER_BAD_OPTION");
    expect(message).toContain("--join");
    expect(settings(["--await-add", "--join", "h1"]).awaitAdd).toBe(true);
    expect(settings(["--await-add=false"]).awaitAdd).toBe(false);
  });
});

describe("doors", () => {
  test.each(["127.0.0.1", "127.1.2.3", "localhost", "::1"])(
    "on %s are closed to others",
    (host) => {
      expect(isLoopback(host)).toBe(true);
      expect(settings(["--host", host]).advertise).toBe(host);
    },
  );

  test.each(["0.0.0.0", "::", "10.0.0.1", "127.example.org", "localhost.example.org", "fe80::1"])(
    "on %s are refused unless the network is said to be safe",
    (host) => {
      expect(isLoopback(host)).toBe(false);
      const { code, fields } = refusal(["--host", host]);
      expect([code, fields]).toEqual(["QUORATE_SERVER_OPEN_DOOR", { host }]);
      const open = ["--host", host, "--insecure", "--advertise", "h1"];
      expect(settings(open)).toMatchObject({ host, advertise: "h1" });
    },
  );

  test("on every interface need a name that leads to this server", () => {
    for (const host of ["0.0.0.0", "::"]) {
      const { code, message } = refusal(["--host", host, "--insecure"]);
      expect(code).toBe("QUORATE_SERVER_BAD_OPTION");
      expect(message).toContain("--advertise");
    }
  });

  test("are opened by a variable, too", () => {
    const environment = { QUORATE_HOST: "10.0.0.1", QUORATE_INSECURE: "true" };
    expect(settings([], environment).host).toBe("10.0.0.1");
  });
});
