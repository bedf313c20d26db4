// The command line as a script calls it: JSON out, coded errors on stderr, an exit code.
import { spawn } from "node:child_process";
import { program } from "../../../bench/lib/local-cluster.ts";

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliInputs {
  /** gRPC addresses; none for commands that call nobody. */
  readonly addresses?: readonly string[];
  readonly stdin?: string;
}

export function quorate(args: readonly string[], inputs: CliInputs = {}): Promise<CliResult> {
  const { addresses = [], stdin } = inputs;
  const address = addresses.length === 0 ? {} : { QUORATE_ADDR: addresses.join(",") };
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...address },
    stdio: "pipe",
  });
  // It may have refused before it read everything.
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdin.end(stdin);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => out.push(piece));
  child.stderr.on("data", (piece: Buffer) => err.push(piece));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({
        code,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
  });
}
