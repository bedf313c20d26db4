// `npm run conformance -- SUBCOMMAND DIR`: holds this project against files of other projects, which stay
// where they are. Exit code 0 = all passed, 1 = some failed, 2 = nothing was checked.
import { exitCodes } from "../../src/base/exit-codes.ts";
import { conformanceErrors } from "./errors.ts";
import { runEtcdRaft } from "./etcd-raft/run.ts";
import { runLinearizability } from "./linearizability/run.ts";

interface Options {
  readonly print: (line: string) => void;
}

/** Prints one line per file and a closing line; returns the exit code. */
type Subcommand = (dir: string, options: Options) => number | Promise<number>;

const subcommands: Readonly<Record<string, Subcommand>> = {
  "etcd-raft": runEtcdRaft,
  linearizability: runLinearizability,
};

async function main(args: readonly string[], options: Options): Promise<number> {
  const [name = "", dir] = args;
  const run = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (run !== undefined && dir !== undefined && args.length === 2) return run(dir, options);
  const known = Object.keys(subcommands).join(", ");
  const { code, message, help } = conformanceErrors.USAGE(
    `one subcommand (${known}) and one folder are needed, not "${args.join(" ")}"`,
  );
  options.print(`${code}: ${message}`);
  options.print(help);
  return exitCodes.usage;
}

process.exitCode = await main(process.argv.slice(2), {
  print: (line) => {
    process.stdout.write(`${line}\n`);
  },
});
