import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run, words } from "./run.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const versionOf = (text: string) => ({
  namespace: "default",
  name: "app.jar",
  version: 2,
  kind: "jar",
  digest: sha256(text),
  sizeBytes: text.length,
  chunks: 1,
  note: "",
  createdRevision: 1,
  createdAtMs: 0,
  createdBy: "",
});

interface Pushed {
  readonly header: object;
  readonly text: string;
}

function pushing(seen: Pushed[]) {
  return {
    resources: {
      push: async (
        source: () => AsyncIterable<Uint8Array>,
        { header, onProgress }: { header: object; onProgress: (n: number) => void },
      ) => {
        let text = "";
        for await (const chunk of source()) {
          text += Buffer.from(chunk).toString();
          onProgress(text.length);
        }
        seen.push({ header, text });
        return versionOf(text);
      },
    },
  };
}

describe("resource push", () => {
  test("announces name, kind, size and digest, then sends the file", async () => {
    const path = join(folder, "App.JAR");
    writeFileSync(path, "hello");
    const seen: Pushed[] = [];
    const { code, stdout, stderr } = await run(["resource", "push", path, "--note", "n"], {
      client: pushing(seen),
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(seen).toEqual([
      {
        header: {
          namespace: "default",
          name: "app.jar",
          kind: "jar",
          note: "n",
          sizeBytes: 5,
          digest: sha256("hello"),
        },
        text: "hello",
      },
    ]);
    expect(words(stdout)[1]?.[0]).toBe("default/app.jar");
  });

  test("name and kind can be said", async () => {
    const path = join(folder, "x");
    writeFileSync(path, "hello");
    const seen: Pushed[] = [];
    await run(["resource", "push", path, "--name", "ns/y", "--kind", "udf"], {
      client: pushing(seen),
    });
    expect(seen[0]?.header).toMatchObject({ namespace: "ns", name: "y", kind: "udf" });
  });

  test("a terminal sees a bar on stderr", async () => {
    const path = join(folder, "x");
    writeFileSync(path, "hello");
    const client = pushing([]);
    const { stderr } = await run(["resource", "push", path], { client, isTTY: true });
    expect(stderr).toMatch(/5 B of 5 B {2}.*\/s/);
    const quiet = await run(["resource", "push", path, "-o", "json"], { client, isTTY: true });
    expect(quiet.stderr).toBe("");
  });

  test("a file that is not there, or is a folder", async () => {
    for (const path of [join(folder, "none"), folder]) {
      const { code, stderr, connected } = await run(["resource", "push", path]);
      expect([code, connected.length]).toEqual([2, 0]);
      expect(stderr).toContain("(QUORATE_CLI_BAD_FILE)");
    }
  });
});

function pulling(promised: string, sent: string, seen: unknown[] = []) {
  async function* bytes() {
    yield Buffer.from(sent.slice(0, 2));
    yield Buffer.from(sent.slice(2));
  }
  return {
    resources: {
      pull: (selected: unknown) => {
        seen.push(selected);
        return Promise.resolve({ version: versionOf(promised), bytes: bytes() });
      },
    },
  };
}

describe("resource pull", () => {
  test("writes the file once it is whole", async () => {
    const path = join(folder, "out");
    const seen: unknown[] = [];
    const { code } = await run(["resource", "pull", "ns/app.jar@2", "-f", path], {
      client: pulling("hello", "hello", seen),
    });
    expect(code).toBe(0);
    expect(seen).toEqual([{ namespace: "ns", name: "app.jar", version: "2" }]);
    expect(readFileSync(path, "utf8")).toBe("hello");
    expect(readdirSync(folder)).toEqual(["out"]);
  });

  test("bytes that differ from the digest leave nothing", async () => {
    const path = join(folder, "out");
    for (const sent of ["hellO", "hell", "hello!"]) {
      const { code, stderr } = await run(["resource", "pull", "app.jar", "-f", path], {
        client: pulling("hello", sent),
      });
      expect(code).toBe(1);
      expect(stderr).toContain("(QUORATE_CLI_BAD_DOWNLOAD)");
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test("a file that is there is replaced only when that is asked for", async () => {
    const path = join(folder, "out");
    writeFileSync(path, "old");
    const argv = ["resource", "pull", "app.jar", "-f", path];
    const refused = await run(argv, { client: pulling("hello", "hello") });
    expect([refused.code, readFileSync(path, "utf8")]).toEqual([6, "old"]);
    const forced = await run([...argv, "--force"], { client: pulling("hello", "hello") });
    expect([forced.code, readFileSync(path, "utf8")]).toEqual([0, "hello"]);
  });

  test("- is stdout: the bytes and nothing else; a wrong digest fails", async () => {
    const argv = ["resource", "pull", "app.jar", "-f", "-"];
    const good = await run(argv, { client: pulling("hello", "hello") });
    expect([good.code, good.stdout]).toEqual([0, "hello"]);
    expect((await run(argv, { client: pulling("hello", "hellO") })).code).toBe(1);
  });

  test("a place that cannot be written to", async () => {
    const { code, stderr } = await run(
      ["resource", "pull", "app.jar", "-f", join(folder, "no", "out")],
      { client: pulling("hello", "hello") },
    );
    expect(code).toBe(2);
    expect(stderr).toContain("cannot write");
  });
});

describe("resource list and delete", () => {
  test("list shows every version", async () => {
    const client = { resources: { list: () => Promise.resolve([versionOf("hello")]) } };
    const { stdout } = await run(["resource", "list"], { client });
    expect(words(stdout)[1]).toEqual(expect.arrayContaining(["default/app.jar", "jar"]));
    expect(stdout).toContain(`  5 B  ${sha256("hello").slice(0, 12)}  `);
  });

  test("delete needs a number", async () => {
    const seen: unknown[] = [];
    const client = { resources: { delete: (what: unknown) => Promise.resolve(seen.push(what)) } };
    expect((await run(["resource", "delete", "app.jar@2"], { client })).code).toBe(0);
    expect(seen).toEqual([{ namespace: "default", name: "app.jar", version: 2 }]);
    for (const name of ["app.jar", "app.jar@latest", "app.jar@0"]) {
      expect((await run(["resource", "delete", name], { client })).code).toBe(2);
    }
  });
});
