import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PlantedTree, plantTree } from "../support/planted-tree.ts";

const program = join(import.meta.dirname, "gen.ts");

const proto = `syntax = "proto3";
package quorate.thing.v1;
enum Kind { KIND_UNSPECIFIED = 0; KIND_BIG = 1; }
message Thing { uint64 term = 1; Kind kind = 2; repeated string all_names = 3; }
`;

let tree: PlantedTree;

beforeEach(() => {
  tree = plantTree({ "proto/quorate/thing/v1/thing.proto": proto });
});

afterEach(() => {
  tree.remove();
});

function gen(...args: string[]): { status: number | null; output: string } {
  const run = spawnSync(process.execPath, ["--import", "tsx", program, ...args], {
    cwd: tree.root,
    encoding: "utf8",
  });
  return { status: run.status, output: run.stdout + run.stderr };
}

describe("generated types", () => {
  test("are written as the runtime loads them, and verified", () => {
    expect(gen().status).toBe(0);
    expect(gen("--verify")).toEqual({ status: 0, output: "" });
    const thing = readFileSync(join(tree.root, "src/gen/quorate/thing/v1/Thing.ts"), "utf8");
    expect(thing).toContain("'term': (number);");
    expect(thing).toContain("'allNames': (string)[];");
    expect(thing).toContain("/Kind.ts'");
  });

  test("that are edited, missing or left over are reported and left alone", () => {
    gen();
    const path = (name: string): string => join(tree.root, "src/gen", name);
    appendFileSync(path("quorate/thing/v1/Thing.ts"), "// edited\n");
    rmSync(path("quorate/thing/v1/Kind.ts"));
    writeFileSync(path("left-over.ts"), "");
    const { status, output } = gen("--verify");
    expect(status).toBe(1);
    for (const name of ["Thing.ts", "Kind.ts", "left-over.ts"]) expect(output).toContain(name);
    expect(readFileSync(path("quorate/thing/v1/Thing.ts"), "utf8")).toContain("// edited");
  });
});
