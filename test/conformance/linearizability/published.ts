// Finds histories with a published verdict below a folder: those that a `verdicts.tsv` beside them names, and
// key-value histories whose name ends in `-ok.txt` or `-bad.txt`.
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { badLine, historyErrors, linesOf } from "./errors.ts";

export type Expected = "linearizable" | "not-linearizable";

export interface Published {
  readonly path: string;
  readonly expected: Expected;
}

const verdictsName = "verdicts.tsv";
const passedOver: readonly string[] = [".git", "node_modules"];

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw historyErrors.BAD_FOLDER(`cannot read the folder ${folder}`, { cause });
  }
}

function readVerdicts(path: string): Map<string, Expected> {
  const verdicts = new Map<string, Expected>();
  for (const line of linesOf(path, readFileSync(path, "utf8"))) {
    const [name, verdict, ...rest] = line.text.split("\t").map((cell) => cell.trim());
    if (name === undefined || rest.length > 0 || verdicts.has(name)) {
      throw badLine(line, "a verdict is a new file's name, a tab and a word");
    }
    if (verdict !== "linearizable" && verdict !== "not-linearizable") {
      throw badLine(line, 'the verdict must be "linearizable" or "not-linearizable"');
    }
    verdicts.set(name, verdict);
  }
  return verdicts;
}

function verdictInName(name: string): Expected | undefined {
  if (name.endsWith("-ok.txt")) return "linearizable";
  return name.endsWith("-bad.txt") ? "not-linearizable" : undefined;
}

/** In the order of their paths. A file that a list names and that is not there is in it too. */
export function findPublished(folder: string): Published[] {
  const entries = entriesOf(folder);
  const listed = entries.some((entry) => entry.isFile() && entry.name === verdictsName)
    ? readVerdicts(join(folder, verdictsName))
    : new Map<string, Expected>();
  const verdicts = new Map(listed);
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const expected = verdicts.get(name) ?? verdictInName(name);
    if (expected !== undefined) verdicts.set(name, expected);
  }
  const here = [...verdicts].map(([name, expected]) => ({ path: join(folder, name), expected }));
  const below = entries
    .filter((entry) => entry.isDirectory() && !passedOver.includes(entry.name))
    .flatMap(({ name }) => findPublished(join(folder, name)));
  return [...here, ...below];
}
