// Jobs that are processes of this machine: a command, a jar under a Java virtual machine, a bundle under node.

import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { JobRow, ResourceRef, RunSpec } from "../../state/rows.ts";
import { runnerErrors } from "../errors.ts";
import type { StartOrder } from "../sentinel/protocol.ts";
import type { ResourceCache } from "./cache.ts";
import type { Assignment, Executor } from "./contract.ts";

export interface ProcessExecutorOptions {
  readonly dataDirectory: string;
  /** What every job inherits (PATH, HOME, LANG, …); a job's own environment goes over it. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** The node that runs bundles. */
  readonly nodePath: string;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** In a command or an argument this stands for the path of the job's resource. */
const resourcePlaceholder = "{resource}";

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return false;
  }
}

/** JAVA_HOME/bin/java, else the first `java` in PATH. */
async function javaOf(env: Readonly<Record<string, string>>): Promise<string> {
  const home = env["JAVA_HOME"] ?? "";
  if (home !== "") {
    const java = join(home, "bin", "java");
    if (await isExecutable(java)) return java;
    throw runnerErrors.NO_JAVA(`JAVA_HOME is ${home}, but ${java} cannot be executed`);
  }
  for (const directory of (env["PATH"] ?? "").split(delimiter)) {
    const java = join(directory, "java");
    if (await isExecutable(java)) return java;
  }
  throw runnerErrors.NO_JAVA("there is no java in PATH, and JAVA_HOME is not set");
}

function resourceOf(run: RunSpec): ResourceRef | undefined {
  return run.resource;
}

/** What a program inside the virtual machine can read without looking at its environment. */
function systemProperties(assignment: Assignment): string[] {
  return [
    `-Dquorate.job.id=${assignment.job.jobId}`,
    `-Dquorate.job.epoch=${String(assignment.epoch)}`,
    `-Dquorate.fencing.token=${String(assignment.epoch)}`,
  ];
}

export class ProcessExecutor implements Executor {
  readonly kinds = ["command", "java", "node"] as const;
  readonly #options: ProcessExecutorOptions;
  readonly #cache: Pick<ResourceCache, "pathOf">;

  constructor(
    options: ProcessExecutorOptions,
    modules: { readonly cache: Pick<ResourceCache, "pathOf"> },
  ) {
    this.#options = options;
    this.#cache = modules.cache;
  }

  async prefetch(job: JobRow): Promise<void> {
    const resource = resourceOf(job.spec.run);
    if (resource !== undefined) await this.#cache.pathOf(resource);
  }

  digestsOf(job: JobRow): readonly string[] {
    const resource = resourceOf(job.spec.run);
    return resource === undefined ? [] : [resource.digest];
  }

  async prepare(assignment: Assignment): Promise<StartOrder> {
    const { job, epoch, session, revision } = assignment;
    const { spec, jobId } = job;
    const env = { ...this.#options.baseEnv, ...spec.env };
    const resource = resourceOf(spec.run);
    const file = resource === undefined ? "" : await this.#cache.pathOf(resource);
    const { command, args } = await this.#program(assignment, { env, file });
    const filled = (item: string): string => item.replaceAll(resourcePlaceholder, file);
    const directory = join(this.#options.dataDirectory, "jobs", jobId, "work");
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return {
      ...{ jobId, epoch, session, revision },
      command: filled(command),
      args: [...args, ...spec.args].map(filled),
      env: { ...env, QUORATE_JOB_NAME: `${job.namespace}/${job.name}` },
      directory,
      stopSignal: spec.stopSignal,
      stopGraceMs: spec.stopGraceMs,
      onServerDeath: spec.onServerDeath,
      onLeaseLoss: spec.onLeaseLoss,
    };
  }

  async #program(
    assignment: Assignment,
    at: { readonly env: Readonly<Record<string, string>>; readonly file: string },
  ): Promise<Program> {
    const { run } = assignment.job.spec;
    switch (run.kind) {
      case "command": {
        const [command, ...args] = run.command;
        if (command === undefined || command === "") {
          throw runnerErrors.EMPTY_COMMAND("the job's command is empty");
        }
        return { command, args };
      }
      case "java": {
        const options = [...systemProperties(assignment), ...run.jvmOptions];
        const main = run.mainClass === "" ? ["-jar", at.file] : ["-cp", at.file, run.mainClass];
        return { command: await javaOf(at.env), args: [...options, ...main] };
      }
      case "node":
        return { command: this.#options.nodePath, args: [at.file] };
    }
  }
}
