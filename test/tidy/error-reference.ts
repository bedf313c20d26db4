// Writes docs/reference/errors.md from the catalogues (`defineErrors` in src/*/errors.ts), so that every
// code that a person can meet is explained, and explained once. A test compares the file with the code.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ErrorKind, ErrorSpec } from "../../src/base/errors.ts";

const repository: string = join(import.meta.dirname, "..", "..");

export const errorReferencePath: string = join(repository, "docs/reference/errors.md");

const kinds: Readonly<Record<ErrorKind, string>> = {
  invalid: "The request can never succeed as it is.",
  "not-found": "What it names does not exist.",
  "already-exists": "What it would create exists.",
  conflict: "Somebody else changed it in between: read it again and decide again.",
  precondition: "The state of the cluster forbids it now.",
  forbidden: "The caller lacks a right, or a setting is unsafe.",
  exhausted: "A named limit was reached. Nothing was done.",
  unavailable: "Nothing was done. Try again, perhaps at another server.",
  unknown:
    "The outcome is not known: it may have been done. Repeat it only with the same request id.",
  corrupt: "Stored data failed a check.",
  internal: "A defect, or a failed machine.",
};

type Specs = ReadonlyMap<string, ErrorSpec>;

function specsOf(exported: unknown): Specs | undefined {
  if (typeof exported !== "object" || exported === null || !("specs" in exported)) return undefined;
  return exported.specs instanceof Map ? (exported.specs as Specs) : undefined;
}

/** code → spec of every catalogue in a `src/…/errors.ts`. Throws if two define the same code. */
export async function collectErrors(): Promise<Map<string, ErrorSpec>> {
  const source = join(repository, "src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("/errors.ts") && path !== "base/errors.ts")
    .sort();
  const collected = new Map<string, ErrorSpec>();
  for (const file of files) {
    const module = (await import(pathToFileURL(join(source, file)).href)) as Record<
      string,
      unknown
    >;
    for (const [code, spec] of Object.values(module).flatMap((value) => [
      ...(specsOf(value) ?? []),
    ])) {
      if (collected.has(code))
        throw new Error(`${code} is defined twice, the second time in ${file}`);
      collected.set(code, spec);
    }
  }
  return collected;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const byCode = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : Number(a > b);

/** The page: kinds first, then one table for each room, in the order of the codes. */
export function renderErrors(errors: Specs): string {
  const lines = [
    "# Errors",
    "",
    "Every error has a stable code, a kind that says what a caller can do about it, and a sentence that says",
    "what to do. The code is the same in the command line's output, in REST and gRPC answers and in logs. This",
    "page is generated from the code (`npm run docs:errors`).",
    "",
    "## Kinds",
    "",
    "| kind | means |",
    "| --- | --- |",
    ...Object.entries(kinds).map(([kind, meaning]) => `| \`${kind}\` | ${meaning} |`),
  ];
  let room = "";
  for (const [code, spec] of [...errors].sort(byCode)) {
    const roomOfCode = code.split("_")[1] ?? "";
    if (roomOfCode !== room) {
      room = roomOfCode;
      lines.push(
        "",
        `## ${room.toLowerCase()}`,
        "",
        "| code | kind | what to do |",
        "| --- | --- | --- |",
      );
    }
    lines.push(`| \`${code}\` | \`${spec.kind}\` | ${cell(spec.help)} |`);
  }
  return `${lines.join("\n")}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(errorReferencePath, renderErrors(await collectErrors()));
}
