// Plays seeds with one known bug after the other, each in a process of its own, and says what caught it after how
// many seeds. A bug that nothing catches fails the run.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simErrors } from "../errors.ts";
import type { SimReport } from "../report.ts";
import { type Mutation, mutated } from "./mutation.ts";

export interface MutationResult {
  readonly name: string;
  readonly source: string;
  /** Empty = nothing caught it. */
  readonly caughtBy: string;
  /** Played until it was caught, or in vain. */
  readonly seeds: number;
}

export interface MutationOptions {
  /** For each bug. */
  readonly seedsMax: number;
  readonly from: number;
  readonly seconds: number;
  readonly print: (line: string) => void;
}

const repository: string = join(import.meta.dirname, "..", "..", "..");
const processMsMax = 15 * 60_000;

/** Throws QUORATE_SIM_MUTATION_MISFITS before anything is played. */
export function assertFits(mutations: readonly Mutation[]): void {
  for (const mutation of mutations) {
    const text = readFileSync(join(repository, mutation.file), "utf8");
    if (mutated(text, mutation) !== undefined) continue;
    throw simErrors.MUTATION_MISFITS(
      `the text to find for ${mutation.name} does not stand exactly once in ${mutation.file}`,
    );
  }
}

function play(mutation: Mutation, options: MutationOptions, json: string): Promise<string> {
  const loader = import.meta.resolve("./loader.ts");
  const words = ["--import", "tsx", "--import", loader];
  words.push("test/sim/main.ts", "--fail-fast", "--once", "--json", json);
  words.push("--seeds", String(options.seedsMax), "--from", String(options.from));
  words.push("--seconds", String(options.seconds));
  const env = { ...process.env, QUORATE_SIM_MUTATION: JSON.stringify(mutation) };
  return new Promise((resolve) => {
    const settings = { cwd: repository, env, timeout: processMsMax, maxBuffer: 64 << 20 };
    execFile(process.execPath, words, settings, (error, stdout, stderr) => {
      resolve(error === null ? stdout : `${stdout}\n${stderr}`);
    });
  });
}

function readReport(json: string, output: string): SimReport {
  try {
    return JSON.parse(readFileSync(json, "utf8")) as SimReport;
  } catch (cause) {
    throw new Error(`the simulator did not finish:\n${output.slice(-4000)}`, { cause });
  }
}

async function runOne(mutation: Mutation, options: MutationOptions): Promise<MutationResult> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-sim-"));
  try {
    const json = join(folder, "report.json");
    const output = await play(mutation, options, json);
    const { seeds } = readReport(json, output);
    const failure = seeds.find(({ ok }) => !ok)?.failure;
    const { name, source } = mutation;
    return { name, source, caughtBy: failure?.checker ?? "", seeds: seeds.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function mutationLine({ name, caughtBy, seeds }: MutationResult): string {
  const by = caughtBy === "" ? "NOT CAUGHT" : caughtBy;
  return `${name.padEnd(48)} ${by.padEnd(22)} ${seeds} ${seeds === 1 ? "seed" : "seeds"}`;
}

export async function runMutations(
  mutations: readonly Mutation[],
  options: MutationOptions,
): Promise<readonly MutationResult[]> {
  assertFits(mutations);
  const results: MutationResult[] = [];
  for (const mutation of mutations) {
    const result = await runOne(mutation, options);
    results.push(result);
    options.print(mutationLine(result));
  }
  return results;
}

export function writeMutations(path: string, results: readonly MutationResult[]): void {
  writeFileSync(path, `${JSON.stringify({ mutations: results }, null, 2)}\n`);
}
