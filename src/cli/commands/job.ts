import type { Command } from "commander";
import { noun, type Runner, verb } from "../run.ts";
import { type LogFlags, logs } from "./job-logs.ts";
import { runVerb } from "./job-run.ts";
import { list, type ReasonFlags, status, wish } from "./job-verbs.ts";

const selector = ["<job>", "id, name or ns/name"] as const;

const reason = (command: Command): Command =>
  command.option("--reason <text>", "kept in the job's history");

function wishVerbs(run: Runner): readonly Command[] {
  return [
    verb<ReasonFlags>(
      {
        name: "stop",
        text: "stop a job: its signal, its grace, then SIGKILL; it stays known",
        args: [selector],
        examples: [['quorate job stop import --reason "bad input"', "Until somebody starts it."]],
        options: reason,
        action: wish("stop"),
      },
      run,
    ),
    verb<ReasonFlags>(
      {
        name: "start",
        text: "start a stopped job",
        args: [selector],
        examples: [["quorate job start import", "Somewhere, under a new epoch."]],
        options: reason,
        action: wish("start"),
      },
      run,
    ),
    verb<ReasonFlags>(
      {
        name: "delete",
        text: "stop a job, then forget it",
        args: [selector],
        examples: [["quorate job delete import", "Its name is free again afterwards."]],
        options: reason,
        action: wish("delete"),
      },
      run,
    ),
  ];
}

function logsVerb(run: Runner): Command {
  return verb<LogFlags>(
    {
      name: "logs",
      text: "print a job's output, from the machine that runs it",
      args: [selector],
      examples: [
        ["quorate job logs import --tail 4096", "The last 4 KiB."],
        ["quorate job logs import -f", "As it is written, also across moves."],
      ],
      options: (command) =>
        command
          .option("-f, --follow", "go on until interrupted")
          .option("--tail <bytes>", "begin so many bytes before the end (at most 262144)"),
      action: logs,
    },
    run,
  );
}

export function jobCommand(run: Runner): Command {
  return noun("job", "jobs: processes that are kept running somewhere", [
    runVerb(run),
    verb(
      {
        name: "list",
        text: "list the jobs and who runs them",
        examples: [
          ["quorate job list", "All jobs."],
          ["quorate job list --no-headers | grep -w pending", "Those that nobody can run now."],
        ],
        action: list,
      },
      run,
    ),
    verb(
      {
        name: "status",
        text: "show a job, its run and what happened to it lately",
        args: [selector],
        examples: [
          ["quorate job status etl/import", "Where it runs, since when, and why it moved."],
        ],
        action: status,
      },
      run,
    ),
    ...wishVerbs(run),
    logsVerb(run),
  ]);
}
