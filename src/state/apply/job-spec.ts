// Bounds of a job's spec. They are checked here and not only at the interfaces, because a spec in the log is
// acted on by every server.
import { utf8Length } from "../../base/utf8.ts";
import { stateErrors } from "../errors.ts";
import {
  jobListItemsMax,
  jobPriorityMax,
  jobSlotsMax,
  jobStopGraceMsMax,
  jobTextBytesMax,
} from "../limits.ts";
import type { JobSpec, RunSpec } from "../rows.ts";
import type { Store } from "../store.ts";
import { resourceOf } from "../tables/jobs.ts";

const environmentName = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Throws VALUE_INVALID with the field, or RESOURCE_UNKNOWN. */
export function checkSpec(store: Store, spec: JobSpec): void {
  check(spec.slots >= 1 && spec.slots <= jobSlotsMax, "slots");
  check(spec.priority <= jobPriorityMax, "priority");
  check(spec.stopGraceMs <= jobStopGraceMsMax, "stopGraceMs");
  checkTexts(spec);
  checkResource(store, spec.run);
}

function checkTexts(spec: JobSpec): void {
  const { run, args, env } = spec;
  if (run.kind === "command")
    check(run.command[0] !== undefined && run.command[0] !== "", "command");
  const lists = [...runTexts(run), ["args", args] as const];
  let bytes = 0;
  for (const [field, items] of lists) {
    check(items.length <= jobListItemsMax, field);
    for (const item of items) {
      check(isExecutable(item), field);
      bytes += utf8Length(item);
    }
  }
  const pairs = Object.entries(env);
  check(pairs.length <= jobListItemsMax, "env");
  for (const [name, value] of pairs) {
    check(environmentName.test(name) && isExecutable(value), "env");
    bytes += utf8Length(name) + utf8Length(value);
  }
  check(bytes <= jobTextBytesMax, "args");
}

function runTexts(run: RunSpec): readonly (readonly [field: string, items: readonly string[]])[] {
  if (run.kind === "command") return [["command", run.command]];
  if (run.kind === "java")
    return [
      ["mainClass", [run.mainClass]],
      ["jvmOptions", run.jvmOptions],
    ];
  return [];
}

/** execve ends every string at the first NUL: such a text would reach the process cut. */
function isExecutable(text: string): boolean {
  return !text.includes("\0");
}

function checkResource(store: Store, run: RunSpec): void {
  const ref = resourceOf(run);
  if (ref === undefined) return;
  const { namespace, name, version, digest } = ref;
  const row = store.resourceVersions.of(namespace, name, version);
  if (row?.manifest.digest === digest) return;
  const what = row === undefined ? "does not exist" : "has another digest";
  throw stateErrors.RESOURCE_UNKNOWN(`${namespace}/${name}@${String(version)} ${what}`, {
    fields: { namespace, name, version, digest },
  });
}

function check(holds: boolean, field: string): void {
  if (holds) return;
  throw stateErrors.VALUE_INVALID(`the job's ${field} is out of bounds`, {
    fields: {
      field,
      jobSlotsMax,
      jobPriorityMax,
      jobListItemsMax,
      jobTextBytesMax,
      jobStopGraceMsMax,
    },
  });
}
