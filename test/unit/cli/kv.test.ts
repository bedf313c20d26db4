import { describe, expect, test } from "vitest";
import { run, words } from "./run.ts";

function kvOf(seen: unknown[] = [], more = false) {
  const note =
    (answer: unknown) =>
    (...args: readonly unknown[]) => {
      seen.push(args);
      return Promise.resolve(answer);
    };
  const row = (key: string, value: Uint8Array) => ({
    key,
    value,
    createdRevision: 1,
    modifiedRevision: 9,
    version: 2,
  });
  return {
    kv: {
      put: note({ revision: 7, version: 1 }),
      get: note(row("k", Buffer.from("v"))),
      delete: note({ revision: 8, existed: true }),
      list: note({
        kvs: [row("a", Buffer.from("x".repeat(100))), row("b", Buffer.from([0xff]))],
        revision: 9,
        more,
      }),
    },
  };
}

describe("kv put", () => {
  const cases: readonly (readonly [readonly string[], unknown])[] = [
    [[], {}],
    [["--if-absent"], { condition: { absent: true } }],
    [["--if-revision", "0"], { condition: { revision: 0 } }],
    [["--if-value", ""], { condition: { value: Buffer.from("") } }],
  ];
  for (const [flags, options] of cases) {
    test(`with ${flags.join(" ")}`, async () => {
      const seen: unknown[] = [];
      const done = await run(["kv", "put", "k", "v", ...flags], { client: kvOf(seen) });
      expect(seen).toEqual([["k", Buffer.from("v"), options]]);
      expect(done.stdout).toBe("KEY  REVISION  VERSION\nk           7        1\n");
    });
  }

  test("- is stdin; after -- a value may begin with a dash", async () => {
    const seen: unknown[] = [];
    await run(["kv", "put", "k", "-"], { client: kvOf(seen), stdin: "from stdin" });
    await run(["kv", "put", "--", "-k", "--v"], { client: kvOf(seen) });
    expect(seen).toEqual([
      ["k", Buffer.from("from stdin"), {}],
      ["-k", Buffer.from("--v"), {}],
    ]);
  });

  test("two conditions are one too many", async () => {
    const { code } = await run(["kv", "put", "k", "v", "--if-absent", "--if-value", "x"]);
    expect(code).toBe(2);
  });
});

describe("kv get", () => {
  test("prints the value and nothing else; a terminal gets a line's end", async () => {
    expect((await run(["kv", "get", "k"], { client: kvOf() })).stdout).toBe("v");
    expect((await run(["kv", "get", "k"], { client: kvOf(), isTTY: true })).stdout).toBe("v\n");
  });

  test("as a document it has base64 and the text", async () => {
    const { stdout } = await run(["kv", "get", "k", "-o", "json"], { client: kvOf() });
    expect(JSON.parse(stdout)).toMatchObject({ key: "k", value: "dg==", valueText: "v" });
  });
});

describe("kv delete and list", () => {
  test("delete says whether it existed", async () => {
    const { stdout } = await run(["kv", "delete", "k", "--no-headers"], { client: kvOf() });
    expect(words(stdout)[0]?.slice(0, 2)).toEqual(["k", "yes"]);
  });

  test("list cuts long values and does not print bytes", async () => {
    const { stdout } = await run(["kv", "list"], { client: kvOf() });
    expect(stdout).toContain(`${"x".repeat(60)}…\n`);
    expect(stdout).toContain("(1 bytes)\n");
    const json = await run(["kv", "list", "a", "-o", "json"], { client: kvOf() });
    const { kvs } = JSON.parse(json.stdout) as { kvs: { valueText?: string }[] };
    expect(kvs.map(({ valueText }) => valueText?.length)).toEqual([100, undefined]);
  });

  test("list passes the page that is asked for", async () => {
    const seen: unknown[] = [];
    const argv = ["kv", "list", "p", "--after", "p/k", "--limit", "2", "--stale"];
    await run(argv, { client: kvOf(seen) });
    await run(["kv", "list"], { client: kvOf(seen) });
    expect(seen).toEqual([
      ["p", { stale: true, after: "p/k", limit: 2 }],
      ["", { stale: false, after: "", limit: 1000 }],
    ]);
    expect((await run(["kv", "list", "--limit", "1001"], { client: kvOf() })).code).toBe(2);
  });

  test("list that was cut says so, with the way to go on", async () => {
    const whole = await run(["kv", "list"], { client: kvOf() });
    expect(whole.stderr).toBe("");
    const cut = await run(["kv", "list"], { client: kvOf([], true) });
    expect(cut.stderr).toBe("there are more keys: go on with --after=b\n");
    expect(cut.stdout).toBe(whole.stdout);
    const script = await run(["kv", "list", "-o", "json"], { client: kvOf([], true) });
    expect(JSON.parse(script.stdout)).toMatchObject({ more: true });
    expect(script.stderr).toBe("");
  });
});
