// `npm run chaos`: real servers, faults drawn from a seed, clients whose history is checked. Exit code 0 = everything
// held, 1 = something did not, 2 = the command line is wrong or this machine cannot do it.
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { ensureProgram } from "../../bench/lib/local-cluster.ts";
import { QuorateError } from "../../src/base/errors.ts";
import { exitCodes } from "../../src/base/exit-codes.ts";
import { needs } from "../support/needs.ts";
import { chaosErrors } from "./errors.ts";
import { type ChaosOptions, readArguments } from "./options.ts";
import { closingLines } from "./report.ts";
import { runChaos, scheduleOf } from "./run.ts";
import { describeFault, inOrder } from "./schedule.ts";

const seedMax = 1_000_000;

function announce(options: ChaosOptions): void {
  const { seed, servers, minutes, say } = options;
  say(`seed ${seed}, ${servers} servers, ${minutes} minutes; the schedule:`);
  for (const fault of inOrder(scheduleOf(options))) {
    say(`  at ${(fault.atMs / 1000).toFixed(1).padStart(6)} s  ${describeFault(fault)}`);
  }
}

/** The first Ctrl-C ends the run orderly, the second at once. */
function interruption(say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      say("interrupted: cleaning up");
      controller.abort();
    });
  }
  return controller.signal;
}

async function main(): Promise<number> {
  const { json, ...asked } = readArguments(process.argv.slice(2), () => randomInt(seedMax));
  const need = needs("linux", "root", "ip netns", "iptables");
  if (asked.hasNetwork && need.skip) throw chaosErrors.NEEDS(need.reason);
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  ensureProgram();
  const options: ChaosOptions = { ...asked, say, signal: interruption(say) };
  announce(options);
  const report = await runChaos(options);
  if (json !== undefined) {
    const schedule = inOrder(scheduleOf(options));
    writeFileSync(json, `${JSON.stringify({ ...report, schedule }, null, 2)}\n`);
  }
  for (const line of closingLines(report)) process.stdout.write(`${line}\n`);
  return report.failures.length === 0 ? exitCodes.ok : exitCodes.failed;
}

try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof QuorateError)) throw thrown;
  process.stderr.write(`${thrown.code}: ${thrown.message}\n${thrown.help}\n`);
  process.exitCode = exitCodes.usage;
}
