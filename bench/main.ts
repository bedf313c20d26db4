// `npm run bench`: with no words, the two numbers that matter. With the name of a workload (bench/README.md) it runs that
// one with its own settings; `--json FILE` writes everything for a script.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ensureProgram } from "./lib/local-cluster.ts";
import { environment, type WorkloadReport } from "./lib/report.ts";
import { catchUp } from "./workloads/catch-up.ts";
import { failover, failoverPeers } from "./workloads/failover.ts";
import { propose } from "./workloads/propose.ts";
import { rebalance } from "./workloads/rebalance.ts";
import { restart } from "./workloads/restart.ts";

const leases = ["fast", "default", "relaxed"] as const;
const losses = ["kill", "silence"] as const;
/** What runs when nothing is asked for. */
const theTwoNumbers = ["rebalance", "propose"];

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "string" },
      servers: { type: "string", default: "3" },
      jobs: { type: "string", default: "12" },
      lease: { type: "string", default: "default" },
      repeat: { type: "string", default: "6" },
      clients: { type: "string", default: "64" },
      seconds: { type: "string", default: "10" },
      kills: { type: "string", default: "20" },
      loss: { type: "string", default: "kill" },
      peer: { type: "string" },
      entries: { type: "string", default: "100000" },
      rounds: { type: "string", default: "3" },
      "log-mb": { type: "string", default: "1024" },
      "value-bytes": { type: "string", default: "1024" },
    },
  });
}

/** The command line is wrong: said without a stack, exit code 2. */
class UsageError extends Error {}

function oneOf<T extends string>(name: string, known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined)
    throw new UsageError(`--${name} must be one of ${known.join(", ")}, not "${text}"`);
  return found;
}

/** What node:util says of an option that it does not know, or that lacks its value. */
function isUnknownOption(error: unknown): error is Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS_");
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`--${name} must be a whole number above 0, not "${text}"`);
  return value;
}

type Values = ReturnType<typeof readArguments>["values"];

function workloads(values: Values): Readonly<Record<string, () => Promise<WorkloadReport>>> {
  const progress = (text: string): void => {
    process.stderr.write(`  ${text}\n`);
  };
  const servers = count("servers", values.servers);
  const lease = oneOf("lease", leases, values.lease);
  const loss = oneOf("loss", losses, values.loss);
  const peer = values.peer === undefined ? undefined : oneOf("peer", failoverPeers, values.peer);
  const jobs = count("jobs", values.jobs);
  const repeat = count("repeat", values.repeat);
  const clients = count("clients", values.clients);
  const seconds = count("seconds", values.seconds);
  const kills = count("kills", values.kills);
  const entries = count("entries", values.entries);
  const rounds = count("rounds", values.rounds);
  const logMb = count("log-mb", values["log-mb"]);
  const valueBytes = count("value-bytes", values["value-bytes"]);
  return {
    rebalance: () => rebalance({ servers, jobs, lease, repeat, progress }),
    propose: () => propose({ servers, clients, seconds, progress }),
    failover: () => failover({ servers, kills, loss, peer, progress }),
    "catch-up": () => catchUp({ servers, entries, rounds, progress }),
    restart: () => restart({ servers, logMb, valueBytes, progress }),
  };
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const known = workloads(values);
  const chosen = positionals.length === 0 ? theTwoNumbers : positionals;
  ensureProgram();
  const reports: WorkloadReport[] = [];
  for (const name of chosen) {
    const run = known[name];
    if (run === undefined)
      throw new UsageError(
        `there is no workload "${name}": choose from ${Object.keys(known).join(", ")}`,
      );
    process.stderr.write(`${name}\n`);
    reports.push(await run());
  }
  for (const { headline } of reports) process.stdout.write(`${headline}\n`);
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      `${JSON.stringify({ environment: environment(), reports }, null, 2)}\n`,
    );
  }
  process.exitCode = reports.every(({ holds }) => holds) ? 0 : 1;
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || isUnknownOption(error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
