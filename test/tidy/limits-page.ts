// Holds docs/operating/limits.md against the code. A row names a constant of the file that its section names: an
// exported one is imported; of any other the declaration is read, which is enough for the simple products that
// such constants are.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { GiB, KiB, MiB, minute, second } from "../../src/base/units.ts";

const repository: string = join(import.meta.dirname, "..", "..");

export const limitsPagePath: string = join(repository, "docs/operating/limits.md");

export interface LimitRow {
  /** Source file, relative to the repository. */
  readonly file: string;
  readonly name: string;
  /** In bytes, milliseconds or a count. */
  readonly value: number;
}

const pageUnits: Readonly<Record<string, number>> = {
  "": 1,
  "%": 1,
  bytes: 1,
  KiB,
  MiB,
  GiB,
  ms: 1,
  s: second,
  min: minute,
  h: 60 * minute,
};
const codeUnits: Readonly<Record<string, number>> = { KiB, MiB, GiB, second, minute };

/** `8 MiB`, `1,024`, `10 %`, `0.01`. NaN for anything else. */
export function quantityOf(text: string): number {
  const match = /^([0-9][0-9,]*(?:\.[0-9]+)?)(?: ([A-Za-z%]+))?$/.exec(text.trim());
  const unit = pageUnits[match?.[2] ?? ""];
  return unit === undefined ? Number.NaN : Number(match?.[1]?.replaceAll(",", "")) * unit;
}

/** Rows of all tables, each with the file that the line `From …` above its table names. */
export function limitRows(page: string): readonly LimitRow[] {
  let file = "";
  const rows: LimitRow[] = [];
  for (const line of page.split("\n")) {
    file = /^From `([^`]+)`/.exec(line)?.[1] ?? file;
    const [, name, text] = /^\| `([A-Za-z.]+)` \| ([^|]+) \|/.exec(line) ?? [];
    if (name !== undefined && text !== undefined)
      rows.push({ file, name, value: quantityOf(text) });
  }
  return rows;
}

/** A product of numbers and units; undefined for anything else. */
function productOf(expression: string): number | undefined {
  let product = 1;
  for (const factor of expression.split("*").map((part) => part.trim())) {
    const plain = /^[0-9][0-9_]*(?:\.[0-9]+)?$/.test(factor);
    const value = plain ? Number(factor.replaceAll("_", "")) : codeUnits[factor];
    if (value === undefined) return undefined;
    product *= value;
  }
  return product;
}

function declared(source: string, name: string): number | undefined {
  const [, expression] =
    new RegExp(`^(?:export )?const ${name}(?:: number)? =\\s*([^;]+);`, "m").exec(source) ?? [];
  return expression === undefined ? undefined : productOf(expression);
}

function collect(value: unknown, path: string, into: Map<string, number>): void {
  if (typeof value === "number") {
    into.set(path, value);
  } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const prefix = path === "" ? "" : `${path}.`;
    for (const [name, inner] of Object.entries(value)) collect(inner, `${prefix}${name}`, into);
  }
}

/** Numbers that a module exports; a field of an exported object goes by its path without the object's name. */
export function exportedLimits(module: Readonly<Record<string, unknown>>): Map<string, number> {
  const limits = new Map<string, number>();
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === "number") limits.set(name, value);
    else collect(value, "", limits);
  }
  return limits;
}

async function limitsOf(file: string): Promise<Map<string, number>> {
  const url = pathToFileURL(join(repository, file)).href;
  return exportedLimits((await import(url)) as Record<string, unknown>);
}

async function valueInCode({ file, name }: LimitRow): Promise<number | undefined> {
  const path = join(repository, file);
  if (!existsSync(path)) return undefined;
  if (file.endsWith("/limits.ts")) return (await limitsOf(file)).get(name);
  const source = readFileSync(path, "utf8");
  return declared(source, name) ?? (await limitsOf(file)).get(name);
}

/** What the page says and the code does not. */
export async function falseRows(rows: readonly LimitRow[]): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const row of rows) {
    const found = await valueInCode(row);
    if (found === row.value) continue;
    const said = `${row.file} ${row.name}: the page says ${String(row.value)}`;
    findings.push(`${said}, the code ${found === undefined ? "has no such limit" : String(found)}`);
  }
  return findings;
}

/** Exported limits of every `limits.ts` below src that the page does not name. */
export async function missingRows(rows: readonly LimitRow[]): Promise<readonly string[]> {
  const named = new Set(rows.map(({ file, name }) => `${file} ${name}`));
  const files = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("/limits.ts"))
    .map((path) => `src/${path}`)
    .sort();
  const all: string[] = [];
  for (const file of files) {
    for (const name of (await limitsOf(file)).keys()) all.push(`${file} ${name}`);
  }
  return all.filter((limit) => !named.has(limit));
}
