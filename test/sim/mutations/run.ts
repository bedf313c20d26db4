// Plays seeds with one known bug after the other, each in a process of its own, and says what caught it after how
// many seeds. A bug that nothing catches fails the run, and so does one with which the program does not work at all:
// that it falls over is no merit of any checker.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { simErrors } from "../errors.ts";
import { brokenProgram } from "../outcome.ts";
import type { SimReport } from "../report.ts";
import { type Mutation, mutated } from "./mutation.ts";

export interface MutationResult {
  readonly name: string;
  readonly source: string;
  /** `broken` = it was not the bug that was seen but a program that cannot run. */
  readonly verdict: "caught" | "missed" | "broken";
  /** Empty unless caught. */
  readonly caughtBy: string;
  /** What the checker said, or how the program is broken; empty when missed. */
  readonly detail: string;
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
    const changed = mutated(text, mutation);
    if (changed === undefined) {
      throw simErrors.MUTATION_MISFITS(
        `the text to find for ${mutation.name} does not stand exactly once in ${mutation.file}`,
      );
    }
    const { diagnostics = [] } = ts.transpileModule(changed, { reportDiagnostics: true });
    const first = diagnostics[0];
    if (first === undefined) continue;
    const what = ts.flattenDiagnosticMessageText(first.messageText, " ");
    throw simErrors.MUTATION_MISFITS(`with ${mutation.name} the file cannot be read: ${what}`);
  }
}

/** `mutation` undefined = the program as it is. */
function play(
  mutation: Mutation | undefined,
  options: Omit<MutationOptions, "print">,
  json: string,
): Promise<string> {
  const loader = import.meta.resolve("./loader.ts");
  const words = ["--import", "tsx", ...(mutation === undefined ? [] : ["--import", loader])];
  words.push("test/sim/main.ts", "--fail-fast", "--once", "--json", json);
  words.push("--seeds", String(options.seedsMax), "--from", String(options.from));
  words.push("--seconds", String(options.seconds));
  const bug = mutation === undefined ? {} : { QUORATE_SIM_MUTATION: JSON.stringify(mutation) };
  const env = { ...process.env, ...bug };
  return new Promise((resolve) => {
    const settings = { cwd: repository, env, timeout: processMsMax, maxBuffer: 64 << 20 };
    execFile(process.execPath, words, settings, (error, stdout, stderr) => {
      resolve(error === null ? stdout : `${stdout}\n${stderr}`);
    });
  });
}

/** Undefined = the simulator did not come to its end. */
function readReport(json: string): SimReport | undefined {
  return existsSync(json) ? (JSON.parse(readFileSync(json, "utf8")) as SimReport) : undefined;
}

type Verdict = Pick<MutationResult, "verdict" | "caughtBy" | "detail" | "seeds">;

/** `output` = what the simulator said, for a run without a report. */
export function verdictOf(report: SimReport | undefined, output: string): Verdict {
  if (report === undefined) {
    const detail = `the simulator did not finish: ${output.slice(-2000)}`;
    return { verdict: "broken", caughtBy: "", detail, seeds: 0 };
  }
  const seeds = report.seeds.length;
  const failing = report.seeds.find(({ ok }) => !ok);
  const failure = failing?.failure;
  if (failing === undefined || failure === undefined) {
    return { verdict: "missed", caughtBy: "", detail: "", seeds };
  }
  const { checker, detail } = failure;
  // A defect before anybody has ever led is a program that cannot start; later ones must be assertions of the product.
  const isBroken =
    checker === brokenProgram || (checker === "no-defects" && failing.elections === 0);
  if (isBroken) return { verdict: "broken", caughtBy: "", detail, seeds };
  return { verdict: "caught", caughtBy: checker, detail, seeds };
}

/** The seed that caught a bug must pass without it: otherwise it would catch anything. */
async function assertSound(seeds: number, options: MutationOptions, folder: string): Promise<void> {
  const json = join(folder, "control.json");
  const from = options.from + seeds - 1;
  const output = await play(undefined, { ...options, seedsMax: 1, from }, json);
  if (readReport(json)?.seeds[0]?.ok === true) return;
  throw simErrors.CONTROL_FAILED(
    `seed ${from} fails without any bug put in: ${output.slice(-2000)}`,
  );
}

async function runOne(mutation: Mutation, options: MutationOptions): Promise<MutationResult> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-sim-"));
  try {
    const json = join(folder, "report.json");
    const output = await play(mutation, options, json);
    const { name, source } = mutation;
    const verdict = verdictOf(readReport(json), output);
    if (verdict.verdict === "caught") await assertSound(verdict.seeds, options, folder);
    return { name, source, ...verdict };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function mutationLine({ name, verdict, caughtBy, detail, seeds }: MutationResult): string {
  const words = { caught: caughtBy, missed: "NOT CAUGHT", broken: "BROKEN PROGRAM" };
  const line = `${name.padEnd(48)} ${words[verdict].padEnd(22)} ${seeds} ${seeds === 1 ? "seed" : "seeds"}`;
  return verdict === "broken" ? `${line}\n  ${detail}` : line;
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
