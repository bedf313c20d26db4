// The command line of the benchmarks.
import { Command, Option } from "commander";
import { parseWords } from "./lib/command-line.ts";
import { benchErrors } from "./lib/errors.ts";
import { failoverPeers } from "./workloads/failover.ts";
import { type StoragePart, storageParts } from "./workloads/storage/parts.ts";

export const leases = ["fast", "default", "relaxed"] as const;
const losses = ["kill", "silence"] as const;
export const workloadNames = [
  "rebalance",
  "propose",
  "failover",
  "catch-up",
  "restart",
  "storage",
] as const;
export type WorkloadName = (typeof workloadNames)[number];

export interface BenchOptions {
  /** In this order; empty = what runs when nothing is asked for. */
  readonly workloads: readonly WorkloadName[];
  readonly json: string | undefined;
  readonly servers: number;
  readonly jobs: number;
  readonly lease: (typeof leases)[number];
  readonly repeat: number;
  readonly clients: number;
  readonly seconds: number;
  readonly kills: number;
  readonly loss: (typeof losses)[number];
  readonly peer: (typeof failoverPeers)[number] | undefined;
  readonly entries: number;
  readonly rounds: number;
  readonly perSecond: number;
  readonly logMb: number;
  readonly valueBytes: number;
  readonly parts: readonly StoragePart[];
  readonly appendTurns: number;
  readonly chunkMb: number;
  readonly logGb: number;
  readonly startJobs: number;
  readonly startEntries: number;
  readonly startChunkMb: number;
  readonly uploadMb: number;
}

function count(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1) return value;
    throw benchErrors.BAD_OPTION(`--${name} must be a whole number above 0, not "${text}"`);
  };
}

function number(name: string, text: string, fallback: number): Option {
  return new Option(`--${name} <n>`, text).argParser(count(name)).default(fallback);
}

function partsOf(text: string): readonly StoragePart[] {
  return text.split(",").map((name) => {
    const found = storageParts.find((part) => part === name);
    if (found !== undefined) return found;
    throw benchErrors.BAD_OPTION(
      `--parts: there is no part "${name}": choose from ${storageParts.join(",")}`,
    );
  });
}

function storageOptions(): readonly Option[] {
  return [
    new Option("--parts <names>", "storage: which, with commas between")
      .argParser(partsOf)
      .default(storageParts, "all"),
    number("append-turns", "storage append: turns of each contender", 30),
    number("chunk-mb", "storage chunks: how much, MiB", 1024),
    number("log-gb", "storage truncation: how much, thousand millions of bytes", 10),
    number("start-jobs", "storage start: jobs", 100_000),
    number("start-entries", "storage start: log entries after the snapshot", 10_000),
    number("start-chunk-mb", "storage start: chunks, MiB", 5120),
    number("upload-mb", "storage upload: size of the file, MiB", 1024),
  ];
}

function commandOf(): Command {
  const command = generalCommand();
  for (const option of storageOptions()) command.addOption(option);
  return command;
}

function generalCommand(): Command {
  return new Command("npm run bench --")
    .description("Measures clusters of real servers on this machine (bench/README.md).")
    .argument("[workloads...]", `${workloadNames.join(", ")}; none: rebalance and propose`)
    .addOption(number("servers", "servers of each cluster", 3))
    .addOption(number("jobs", "rebalance: jobs", 12))
    .addOption(new Option("--lease <name>", "rebalance").choices(leases).default("default"))
    .addOption(number("repeat", "rebalance: times", 6))
    .addOption(number("clients", "propose: callers", 64))
    .addOption(number("seconds", "propose: how long", 10))
    .addOption(number("kills", "failover: leaders lost", 20))
    .addOption(new Option("--loss <how>", "failover").choices(losses).default("kill"))
    .addOption(new Option("--peer <name>", "failover: beside this system").choices(failoverPeers))
    .addOption(number("entries", "catch-up: how far behind", 100_000))
    .addOption(number("rounds", "catch-up: times; storage upload: uploads of each kind", 3))
    .addOption(number("per-second", "catch-up, storage upload: writes of the steady load", 200))
    .addOption(number("log-mb", "restart: size of the log, millions of bytes", 1024))
    .addOption(number("value-bytes", "restart: size of one value", 1024))
    .option("--json <file>", "writes the results there");
}

function workloadOf(text: string): WorkloadName {
  const found = workloadNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw benchErrors.BAD_OPTION(
    `there is no workload "${text}": choose from ${workloadNames.join(", ")}`,
  );
}

/** Undefined = help was asked for, and printed. Throws QUORATE_BENCH_BAD_OPTION. */
export function readOptions(words: readonly string[]): BenchOptions | undefined {
  const command = commandOf();
  if (!parseWords(command, words, benchErrors.BAD_OPTION)) return undefined;
  const workloads = command.args.map(workloadOf);
  const values = command.opts<Omit<BenchOptions, "workloads">>();
  return { ...values, workloads };
}
