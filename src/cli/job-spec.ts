// From flags or a file to what is submitted.
import { readFile } from "node:fs/promises";
import { messageOf } from "../base/errors.ts";
import type { JobSubmission } from "../client/jobs.ts";
import { cliErrors } from "./errors.ts";
import { pairs, resourceName, resourceRef } from "./names.ts";
import { wholeNumber } from "./settings.ts";

type JobSpec = JobSubmission["spec"];

const slotsMax = 10_000;
const priorityMax = 100;
const stopGraceMsMax = 3_600_000;

export interface RunFlags {
  readonly file?: string;
  readonly jar?: string;
  readonly node?: string;
  readonly command?: boolean;
  readonly resource?: string;
  readonly mainClass?: string;
  readonly jvmOption?: readonly string[];
  readonly arg?: readonly string[];
  readonly env?: readonly string[];
  readonly slots?: string;
  readonly priority?: string;
  readonly restart?: string;
  readonly stopSignal?: string;
  readonly stopGrace?: string;
  readonly onServerDeath?: string;
  readonly onLeaseLoss?: string;
  readonly update?: boolean;
}

function runOf(flags: RunFlags, rest: readonly string[]): JobSpec {
  const { jar, node, command = false, resource, mainClass = "", jvmOption = [], arg = [] } = flags;
  const given = [jar !== undefined, node !== undefined, command].filter(Boolean).length;
  if (given !== 1) throw cliErrors.USAGE("give exactly one of --jar, --node, --command and -f");
  const isJava = jar !== undefined;
  if (!isJava && (mainClass !== "" || jvmOption.length > 0)) {
    throw cliErrors.USAGE("--main-class and --jvm-option belong to --jar");
  }
  if (!command && resource !== undefined) throw cliErrors.USAGE("--resource belongs to --command");
  if (isJava) {
    const java = { resource: resourceRef(jar), mainClass, jvmOptions: [...jvmOption] };
    return { java, args: [...arg, ...rest] };
  }
  if (node !== undefined) return { node: { resource: resourceRef(node) }, args: [...arg, ...rest] };
  if (rest.length === 0) throw cliErrors.USAGE("--command needs the program after `--`");
  const ref = resource === undefined ? null : resourceRef(resource);
  return { command: { command: [...rest], resource: ref }, args: [...arg] };
}

const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;

function numberOf(flag: string, text: string | undefined, max: number): number | undefined {
  return text === undefined ? undefined : wholeNumber(flag, text, max);
}

/** None at all would be a job that no share counts: the servers take 0 for "not said", so it must not get that far. */
function slotsOf(text: string | undefined): number | undefined {
  const slots = numberOf("--slots", text, slotsMax);
  if (slots === 0) throw cliErrors.USAGE('--slots is "0"; a job takes at least 1');
  return slots;
}

/** The job that the flags describe. What is not given is left to the servers' defaults. */
export function jobFromFlags(
  nameText: string | undefined,
  flags: RunFlags,
  rest: readonly string[],
): JobSubmission {
  if (nameText === undefined) throw cliErrors.USAGE("give the job a NAME, or a file with -f");
  const spec: JobSpec = {
    ...runOf(flags, rest),
    env: { ...pairs("--env", flags.env ?? []) },
    ...optional("slots", slotsOf(flags.slots)),
    ...optional("priority", numberOf("--priority", flags.priority, priorityMax)),
    ...optional("restart", flags.restart),
    ...optional("stopSignal", flags.stopSignal),
    ...optional("stopGraceMs", numberOf("--stop-grace", flags.stopGrace, stopGraceMsMax)),
    ...optional("onServerDeath", flags.onServerDeath),
    ...optional("onLeaseLoss", flags.onLeaseLoss),
  };
  return { ...resourceName(nameText), spec };
}

const specFields = [
  "command",
  "java",
  "node",
  "args",
  "env",
  "slots",
  "priority",
  "restart",
  "stopSignal",
  "stopGraceMs",
  "onServerDeath",
  "onLeaseLoss",
] as const;

function objectOf(value: unknown, what: string, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw cliErrors.BAD_FILE(`${path}: ${what} must be an object`, { fields: { path } });
}

/** A field that nobody reads is a mistake that nobody notices. */
function refuseUnknown(value: object, known: readonly string[], path: string): void {
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw cliErrors.BAD_FILE(
    `${path} has the unknown field ${unknown.join(", ")}; known: ${known.join(", ")}`,
    { fields: { path } },
  );
}

/** The job that YAML (and so JSON) text describes: namespace, name and spec in the shape of the protocol. */
export async function jobFromText(text: string, path: string): Promise<JobSubmission> {
  const { parse } = await import("yaml");
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (cause) {
    throw cliErrors.BAD_FILE(`${path}: ${messageOf(cause)}`, { cause, fields: { path } });
  }
  const job = objectOf(parsed, "the document", path);
  refuseUnknown(job, ["namespace", "name", "spec"], path);
  const spec = objectOf(job["spec"], "spec", path);
  refuseUnknown(spec, specFields, path);
  if (spec["slots"] === 0) {
    throw cliErrors.BAD_FILE(`${path}: spec.slots is 0; a job takes at least 1`, {
      fields: { path },
    });
  }
  const { namespace = "default", name } = job;
  if (typeof name !== "string" || typeof namespace !== "string") {
    throw cliErrors.BAD_FILE(`${path}: name and namespace must be texts`, { fields: { path } });
  }
  return { namespace, name, spec };
}

export async function jobFromFile(path: string): Promise<JobSubmission> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw cliErrors.BAD_FILE(`cannot read ${path}: ${messageOf(cause)}`, {
      cause,
      fields: { path },
    });
  });
  return await jobFromText(text, path);
}
