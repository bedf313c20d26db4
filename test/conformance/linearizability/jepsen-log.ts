// `INFO  jepsen.util - PROCESS :invoke|:ok|:fail|:info :read|:write|:cas VALUE`: events of one register.

import type { Operation } from "../../sim/checkers/linearizability/model.ts";
import type {
  RegisterInput,
  RegisterOutput,
} from "../../sim/checkers/linearizability/models/register.ts";
import { badLine, type Line, linesOf } from "./errors.ts";
import { Processes } from "./processes.ts";

const event =
  /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.+?)\s*$/;
const wholeNumber = /^-?\d+$/;
const pair = /^\[\s*(-?\d+)\s+(-?\d+)\s*\]$/;
const onlyKey = "register";

function inputOf(line: Line, kind: string, value: string): RegisterInput {
  if (kind === "read" && value === "nil") return { kind: "read" };
  if (kind === "write" && wholeNumber.test(value)) return { kind: "write", value: Number(value) };
  const [, from, to] = (kind === "cas" && pair.exec(value)) || [];
  if (from === undefined) throw badLine(line, `":${kind}" is called with something unreadable`);
  return { kind: "cas", from: Number(from), to: Number(to) };
}

function outputOf(line: Line, input: RegisterInput, value: string): RegisterOutput {
  if (input.kind !== "read") return { kind: "done" };
  if (value === "nil") return { kind: "value", value: null };
  if (!wholeNumber.test(value)) throw badLine(line, "a read answers with something unreadable");
  return { kind: "value", value: Number(value) };
}

/** Without what was read: that an answer belongs to its call. */
function checkSame(line: Line, called: RegisterInput, answered: RegisterInput): void {
  if (JSON.stringify(called) === JSON.stringify(answered)) return;
  throw badLine(line, "the process answers another operation than it called");
}

interface Event {
  readonly line: Line;
  readonly process: string;
  readonly kind: string;
  readonly value: string;
}

type Register = Processes<RegisterInput, RegisterOutput>;

function succeed(processes: Register, { line, process, kind, value }: Event): void {
  const { input, call } = processes.end(line, process);
  checkSame(line, input, kind === "read" ? { kind } : inputOf(line, kind, value));
  call.answered(outputOf(line, input, value));
}

function fail(processes: Register, { line, process, kind, value }: Event): void {
  if (kind === "cas" && pair.test(value)) {
    const { input, call } = processes.end(line, process);
    checkSame(line, input, inputOf(line, kind, value));
    call.answered({ kind: "refused" });
  } else if (kind === "read") {
    const { input, call } = processes.end(line, process);
    checkSame(line, input, { kind });
    call.hadNoEffect();
  } else {
    processes.abandon(process);
  }
}

/** True if the text is such a log. */
export const isJepsenLog = (text: string): boolean =>
  text.split("\n").some((line) => event.test(line));

/**
 * Lines of other forms are passed over. A failure that does not say what it means leaves the outcome unknown, as
 * `:info` does.
 */
export function readJepsenLog(
  file: string,
  text: string,
): Operation<RegisterInput, RegisterOutput>[] {
  const processes: Register = new Processes();
  for (const line of linesOf(file, text)) {
    const [, process, type, kind, value] = event.exec(line.text) ?? [];
    if (process === undefined || kind === undefined || value === undefined) continue;
    const found = { line, process, kind, value };
    if (type === "invoke") {
      processes.invoke(line, process, { key: onlyKey, input: inputOf(line, kind, value) });
    } else if (type === "ok") succeed(processes, found);
    else if (type === "fail") fail(processes, found);
    else processes.abandon(process);
  }
  return processes.operations();
}
