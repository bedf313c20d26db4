// `npm run conformance -- linearizability DIR`: a checker that is to judge us is judged itself, by histories of other
// systems with verdicts that other checkers gave.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { performance } from "node:perf_hooks";
import { unreachable } from "../../../src/base/assert.ts";
import { messageOf, QuorateError } from "../../../src/base/errors.ts";
import { exitCodes } from "../../../src/base/exit-codes.ts";
import { checkHistory } from "../../sim/checkers/linearizability/check.ts";
import { explain } from "../../sim/checkers/linearizability/explanation.ts";
import type { Model, Operation } from "../../sim/checkers/linearizability/model.ts";
import { registerModel } from "../../sim/checkers/linearizability/models/register.ts";
import { textModel } from "../../sim/checkers/linearizability/models/text.ts";
import { readEdnEvents } from "./edn-events.ts";
import { historyErrors } from "./errors.ts";
import { isJepsenLog, readJepsenLog } from "./jepsen-log.ts";
import { findPublished, type Published } from "./published.ts";

export interface ConformanceOptions {
  readonly print: (line: string) => void;
}

interface Given {
  readonly verdict: string;
  /** Shown when the verdict is not the expected one. */
  readonly details: string;
  readonly memoryBytes: number;
}

const clock = { nowMs: (): number => performance.now() };

function check<Input, Output, State>(
  model: Model<Input, Output, State>,
  operations: readonly Operation<Input, Output>[],
): Given {
  const verdict = checkHistory({ model, operations, clock });
  const memoryBytes = verdict.effort.memoryBytesPeak;
  switch (verdict.kind) {
    case "linearizable":
      return { verdict: verdict.kind, details: "", memoryBytes };
    case "not-linearizable":
      return { verdict: verdict.kind, details: explain(verdict.broken, model), memoryBytes };
    case "unknown":
      return { verdict: `unknown (bound: ${verdict.bound})`, details: "", memoryBytes };
    default:
      return unreachable(verdict);
  }
}

function notEmpty<T>(operations: readonly T[], name: string): readonly T[] {
  if (operations.length > 0) return operations;
  throw historyErrors.EMPTY(`${name} holds no operation`);
}

function judge(path: string, name: string): Given {
  if (!existsSync(path)) {
    return { verdict: "missing", details: "a verdict names this file", memoryBytes: 0 };
  }
  const text = readFileSync(path, "utf8");
  try {
    return path.endsWith(".log") || isJepsenLog(text)
      ? check(registerModel, notEmpty(readJepsenLog(name, text), name))
      : check(textModel, notEmpty(readEdnEvents(name, text), name));
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    return { verdict: "unreadable", details: `${error.code}: ${error.message}`, memoryBytes: 0 };
  }
}

interface Judged {
  readonly isPassed: boolean;
  readonly name: string;
  readonly durationMs: number;
  readonly memoryBytes: number;
}

function judgePublished(
  { path, expected }: Published,
  directory: string,
  { print }: ConformanceOptions,
): Judged {
  const name = relative(directory, path);
  const startMs = clock.nowMs();
  const { verdict, details, memoryBytes } = judge(path, name);
  const durationMs = clock.nowMs() - startMs;
  const isPassed = verdict === expected;
  const word = isPassed ? "ok  " : "FAIL";
  print(`${word} ${name}: expected ${expected}, given ${verdict} (${durationMs.toFixed(1)} ms)`);
  if (!isPassed && details !== "") print(details);
  return { isPassed, name, durationMs, memoryBytes };
}

function printEffort(judged: readonly Judged[], print: (line: string) => void): void {
  const totalMs = judged.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const slowest = judged.reduce((a, b) => (b.durationMs > a.durationMs ? b : a));
  const largest = judged.reduce((a, b) => (b.memoryBytes > a.memoryBytes ? b : a));
  print(
    `${totalMs.toFixed(0)} ms in all; slowest ${slowest.name}, ${slowest.durationMs.toFixed(1)} ms; ` +
      `most memory ${largest.name}, ${(largest.memoryBytes / 1024).toFixed(0)} KiB`,
  );
}

function judgeAll(directory: string, options: ConformanceOptions): number {
  const found = findPublished(directory);
  if (found.length === 0) {
    throw historyErrors.NOTHING_KNOWN(`${directory} holds no history with a published verdict`);
  }
  const judged = found.map((published) => judgePublished(published, directory, options));
  printEffort(judged, options.print);
  const passed = judged.filter(({ isPassed }) => isPassed).length;
  options.print(`${passed} passed, ${judged.length - passed} failed`);
  return passed === judged.length ? exitCodes.ok : exitCodes.failed;
}

/** The exit code: 0 all verdicts as published, 1 not all, 2 nothing to judge or a folder that cannot be read. */
export function runLinearizability(directory: string, options: ConformanceOptions): number {
  try {
    return judgeAll(directory, options);
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    options.print(`${error.code}: ${messageOf(error)}`);
    options.print(error.help);
    return exitCodes.usage;
  }
}
