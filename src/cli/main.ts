// The command line: `quorate NOUN VERB`. Data goes to stdout, talk to stderr, and the exit code says what a script has
// to know (src/base/exit-codes.ts).
import type { Readable } from "node:stream";
import { type Command, CommanderError } from "commander";
import type { QuorateError } from "../base/errors.ts";
import { exitCodeOf, exitCodes } from "../base/exit-codes.ts";
import { type Connect, connect } from "./client.ts";
import { CliContext } from "./context.ts";
import { cliErrors } from "./errors.ts";
import { program } from "./program.ts";
import { reportError } from "./report.ts";
import { markRest, unmarked } from "./run.ts";
import {
  type Environment,
  type GlobalFlags,
  requestedOutput,
  type Settings,
  toSettings,
} from "./settings.ts";
import { coloursFor, type OutStream, write } from "./terminal.ts";

export interface CliOptions {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** Default: those of the process. */
  readonly stdout?: OutStream;
  readonly stderr?: OutStream;
  readonly stdin?: Readable;
  /** Opens the client that commands use. */
  readonly connect?: Connect;
}

/** Aborts when the reader of stdout has gone, as `| head` does: then there is nothing left to do. */
function closedSignal(stdout: OutStream): AbortSignal {
  const closed = new AbortController();
  stdout.on("error", () => closed.abort());
  return closed.signal;
}

/** The same, told by a write that failed before the stream said so. */
const isClosed = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  "code" in thrown &&
  (thrown.code === "EPIPE" || thrown.code === "ERR_STREAM_DESTROYED");

const isHelp = (error: CommanderError): boolean =>
  error.code === "commander.helpDisplayed" || error.code === "commander.version";

/** What commander says about a command line, as an error of ours. */
function usageError(error: CommanderError): QuorateError {
  const text =
    error.code === "commander.help"
      ? "name a command"
      : unmarked(error.message).replace(/^error: /, "");
  return cliErrors.USAGE(text.replaceAll("\n", " "));
}

async function failed(
  thrown: unknown,
  { argv, environment, stderr }: CliOptions & { readonly stderr: OutStream },
): Promise<number> {
  const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
  const isJson = requestedOutput(argv, environment) === "json";
  const settings: Settings = toSettings(
    { output: isJson ? "json" : "table", headers: true, color: !argv.includes("--no-color") },
    environment,
  );
  await reportError(error, { stderr, isJson, colours: await coloursFor(stderr, settings) });
  return exitCodeOf(error);
}

interface Parsing extends CliOptions {
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  /** What commander printed, in pieces. */
  readonly help: readonly string[];
}

/** Runs the command, or prints the help that was asked for or is needed. */
async function parsed(
  root: Command,
  { argv, environment, stdout, stderr, help }: Parsing,
): Promise<number> {
  try {
    await root.parseAsync(markRest(argv), { from: "user" });
    return exitCodes.ok;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (isHelp(thrown)) {
      await write(stdout, help.join(""));
      return exitCodes.ok;
    }
    const isMissing = thrown.code === "commander.help" && help.length > 0;
    if (!isMissing || requestedOutput(argv, environment) === "json") throw thrown;
    await write(stderr, help.join(""));
    return exitCodes.usage;
  }
}

/** Resolves with the exit code; never rejects because of what the user typed or a server answered. */
export async function runCli(options: CliOptions): Promise<number> {
  const { environment, stdin = process.stdin } = options;
  const { stdout = process.stdout, stderr = process.stderr } = options;
  const closed = closedSignal(stdout);
  const help: string[] = [];
  const root = program({
    print: (text) => void help.push(text),
    run: async (work) => {
      const settings = toSettings(root.opts<GlobalFlags>(), environment);
      const modules = { stdout, stderr, stdin, closed, connect: options.connect ?? connect };
      const context = new CliContext(settings, modules);
      try {
        await work(context);
      } finally {
        context.close();
      }
    },
  });
  try {
    return await parsed(root, { ...options, stdout, stderr, help });
  } catch (thrown) {
    if (closed.aborted || isClosed(thrown)) return exitCodes.ok;
    return await failed(thrown, { ...options, stderr });
  }
}
