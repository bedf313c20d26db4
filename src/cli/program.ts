import { Command, Option } from "commander";
import { version } from "../server/version.ts";
import { clusterCommand } from "./commands/cluster.ts";
import { dataCommand } from "./commands/data.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { jobCommand } from "./commands/job.ts";
import { kvCommand } from "./commands/kv.ts";
import { resourceCommand } from "./commands/resource.ts";
import { ringCommand } from "./commands/ring.ts";
import { serverCommand } from "./commands/server.ts";
import { examplesText, type Runner } from "./run.ts";

export interface ProgramModules {
  /** Takes help and version texts. */
  readonly print: (text: string) => void;
  readonly run: Runner;
}

const examples = [
  ["quorate server start", "A cluster of one, on this machine."],
  ["quorate cluster status", "Is it healthy, who leads, how many servers may fail?"],
  ["quorate doctor", "Is there anything to do, and what?"],
  ["quorate resource push app.jar", "Put a jar on every server."],
  ["quorate job run app --jar app.jar", "Keep it running somewhere."],
  ["quorate job list -o json", "For scripts. Errors are JSON too, then."],
] as const;

/** The settings of a command do not come from its parent: each is told. */
function prepare(command: Command, print: (text: string) => void): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError(true)
    .helpOption("-h, --help", "show help");
  for (const child of command.commands) prepare(child, print);
}

/** The whole tree of commands. */
export function program({ print, run }: ProgramModules): Command {
  const root = new Command("quorate")
    .description("Highly available job servers with nothing else to install.")
    .version(version, "--version", "show the version")
    .addOption(
      new Option(
        "--addr <host:port,…>",
        "gRPC addresses of servers; any answers (QUORATE_ADDR; default 127.0.0.1:7471)",
      ),
    )
    .addOption(new Option("-o, --output <format>", "table or json (QUORATE_OUTPUT; default table)"))
    .addOption(new Option("--timeout <ms>", "how long the call may take (default 10000)"))
    .addOption(new Option("--no-headers", "print tables without their heading"))
    .addOption(new Option("--no-color", "print without colours (also NO_COLOR)"))
    .helpCommand(false)
    .addHelpText("after", examplesText(examples));
  for (const command of [
    serverCommand(run),
    clusterCommand(run),
    resourceCommand(run),
    jobCommand(run),
    ringCommand(run),
    kvCommand(run),
    dataCommand(run),
    doctorCommand(run),
  ]) {
    root.addCommand(command.helpCommand(false));
  }
  prepare(root, print);
  return root;
}
