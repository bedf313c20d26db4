// Runs the command line in this process with a client that answers as a test says.
import { Readable, Writable } from "node:stream";
import type { CliClient, ConnectOptions } from "../../../src/cli/client.ts";
import { runCli } from "../../../src/cli/main.ts";
import type { Environment } from "../../../src/cli/settings.ts";

/** Methods that a test needs; the others are not there. */
export type FakeGroups = {
  readonly [Group in keyof CliClient]?: CliClient[Group] extends (...args: never) => unknown
    ? never
    : Readonly<Record<string, (...args: never[]) => unknown>>;
};

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly connected: readonly ConnectOptions[];
  readonly closed: number;
}

export interface RunInputs {
  readonly client?: FakeGroups;
  readonly environment?: Environment;
  readonly stdin?: string;
  readonly isTTY?: boolean;
}

class Collected extends Writable {
  text = "";
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export async function run(argv: readonly string[], inputs: RunInputs = {}): Promise<Run> {
  const { client = {}, environment = {}, stdin = "", isTTY = false } = inputs;
  const stdout = new Collected(isTTY);
  const stderr = new Collected(isTTY);
  const connected: ConnectOptions[] = [];
  let closed = 0;
  const code = await runCli({
    argv,
    environment,
    stdout: stdout,
    stderr: stderr,
    stdin: Readable.from([Buffer.from(stdin)]),
    connect: async (options) => {
      connected.push(options);
      return { ...client, close: () => void (closed += 1) } as unknown as CliClient;
    },
  });
  return { code, stdout: stdout.text, stderr: stderr.text, connected, closed };
}

/** The lines of a table as their words. */
export const words = (text: string): string[][] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
