import { type Command, Option } from "commander";
import { QuorateError } from "../../base/errors.ts";
import type { CliContext } from "../context.ts";
import { cliErrors } from "../errors.ts";
import type { RunFlags } from "../job-spec.ts";
import { collect } from "../names.ts";
import { type Input, type Runner, verb } from "../run.ts";

async function run(context: CliContext, { words, rest, flags }: Input<RunFlags>): Promise<void> {
  const { jobFromFile, jobFromFlags } = await import("../job-spec.ts");
  const [name] = words;
  if (flags.file !== undefined && (name !== undefined || rest.length > 0)) {
    throw cliErrors.USAGE("with -f the file says everything: give no NAME and no words after `--`");
  }
  const job =
    flags.file === undefined ? jobFromFlags(name, flags, rest) : await jobFromFile(flags.file);
  const { jobs } = await context.client();
  const selector = `${job.namespace ?? "default"}/${job.name}`;
  try {
    const answer = await jobs.submit(job);
    await context.answer(answer, () => ({
      head: ["NAME", "ID", "REVISION"],
      rows: [[selector, answer.jobId, answer.revision]],
      right: [2],
    }));
  } catch (error) {
    const isThere = error instanceof QuorateError && error.kind === "already-exists";
    if (!isThere || flags.update !== true) throw error;
    const updated = await jobs.update(selector, job.spec);
    await context.answer(updated, () => ({
      head: ["NAME", "ID", "SPEC REVISION"],
      rows: [[selector, updated.jobId, updated.specRevision]],
      right: [2],
    }));
  }
}

function options(command: Command): Command {
  return command
    .option("-f, --file <path>", "YAML or JSON with namespace, name and spec instead of flags")
    .option("--jar <res@ver>", "run a jar; words after `--` are its arguments")
    .option("--node <res@ver>", "run a script with Node.js; words after `--` are its arguments")
    .option("--command", "run the program after `--`")
    .option("--resource <res@ver>", "with --command: a file to have at hand")
    .option("--main-class <class>", "with --jar: instead of the jar's own")
    .option("--jvm-option <option>", "with --jar; repeatable: --jvm-option=-Xmx1g", collect)
    .option("--arg <text>", "an argument; repeatable", collect)
    .option("--env <name=value>", "environment; repeatable", collect)
    .option("--slots <n>", "slots that it takes: 1 or more (default 1)")
    .option("--priority <n>", "0 to 100: who is placed first when slots are short (default 0)")
    .addOption(
      new Option("--restart <when>", "after it ended (default always)").choices([
        "always",
        "on-failure",
        "never",
      ]),
    )
    .addOption(
      new Option("--stop-signal <signal>", "(default SIGTERM)").choices([
        "SIGTERM",
        "SIGINT",
        "SIGKILL",
      ]),
    )
    .option("--stop-grace <ms>", "time between the signal and SIGKILL (default 10000)")
    .addOption(
      new Option(
        "--on-server-death <what>",
        "when the server process dies, the machine does not (default continue)",
      ).choices(["continue", "stop"]),
    )
    .addOption(
      new Option(
        "--on-lease-loss <what>",
        "keep: may run twice while the machine is cut off (default stop)",
      ).choices(["stop", "keep"]),
    )
    .option("--update", "when the name is taken: give that job this spec");
}

export function runVerb(runner: Runner): Command {
  return verb<RunFlags>(
    {
      name: "run",
      text: "submit a job: it is kept running on one of the servers until it is stopped",
      args: [["[name]", "name or ns/name"]],
      hasRest: true,
      examples: [
        ["quorate job run import --jar app.jar -- --from s3 --to pg", "A jar with its arguments."],
        [
          "quorate job run etl/import --jar app.jar@3 --jvm-option=-Xmx1g --env MODE=fast --slots 2",
          "A certain version, two slots.",
        ],
        ["quorate job run poller --node poll.mjs@latest", "A script."],
        [
          "quorate job run heartbeat --command -- /bin/sh -c 'while :; do date; sleep 5; done'",
          "Any program.",
        ],
        ["quorate job run -f job.yaml --update", "From a file, new or changed."],
      ],
      options,
      action: run,
    },
    runner,
  );
}
