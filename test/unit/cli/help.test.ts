import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { exitCodes } from "../../../src/base/exit-codes.ts";
import { program } from "../../../src/cli/program.ts";
import { markRest } from "../../../src/cli/run.ts";
import { run } from "./run.ts";

const root = program({ print: () => undefined, run: () => Promise.resolve() });
const page = readFileSync(
  join(import.meta.dirname, "..", "..", "..", "docs/reference/cli.md"),
  "utf8",
);

function leaves(command: Command, path: readonly string[] = []): (readonly string[])[] {
  if (command.commands.length === 0) return [path];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

const commands = leaves(root);

describe("every command", () => {
  test("there are as many as the product says", () => {
    expect(commands.map((path) => path.join(" "))).toEqual([
      "server start",
      "server list",
      "server add",
      "server promote",
      "server remove",
      "server lead",
      "server cordon",
      "server drain",
      "server uncordon",
      "cluster status",
      "resource push",
      "resource pull",
      "resource list",
      "resource delete",
      "job run",
      "job list",
      "job status",
      "job stop",
      "job start",
      "job delete",
      "job logs",
      "ring show",
      "kv put",
      "kv get",
      "kv delete",
      "kv list",
      "data inspect",
      "data verify",
      "data dump",
      "doctor",
    ]);
  });

  for (const path of commands) {
    const line = `quorate ${path.join(" ")}`;

    test(`${line} has help with an example of itself`, async () => {
      const { code, stdout } = await run([...path, "--help"]);
      expect(code).toBe(0);
      const [, examples = ""] = stdout.split("\nExamples:\n");
      expect(examples).toContain(path.join(" "));
      expect(examples).toContain("quorate ");
    });

    test(`${line} is in the reference with an example`, () => {
      expect(page).toContain(`### \`${line}`);
      const examples = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, text = ""]) => text);
      expect(examples.some((text) => text.includes(path.join(" ")))).toBe(true);
    });
  }

  test("the examples of the reference parse", async () => {
    const seen = new Set<string>();
    const strict = program({
      print: () => undefined,
      run: () => Promise.resolve(),
    });
    for (const [, block = ""] of page.matchAll(/^```sh\n([^]*?)^```/gm)) {
      for (const line of block.split("\n").filter((text) => text.startsWith("quorate "))) {
        const words = line
          .replace(/ +[|<#].*$/, "")
          .split(/ +/)
          .slice(1);
        if (words[0] === "server" && words[1] === "start") continue;
        await strict.parseAsync(markRest(words), { from: "user" });
        seen.add(words.slice(0, 2).join(" "));
      }
    }
    expect(seen.size).toBeGreaterThan(20);
  });
});

describe("the reference", () => {
  test("lists every exit code", () => {
    for (const code of Object.values(exitCodes))
      expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
  });
});
