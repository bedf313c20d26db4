// Looking into a data directory while its server is stopped. Nothing below the directory is ever written.
import type { Command } from "commander";
import type {
  DamagedEntry,
  DumpedEntry,
  DumpedState,
  DumpSink,
} from "../../storage/offline/dump.ts";
import type { DatabaseReport, DataDirectoryReport } from "../../storage/offline/inspect.ts";
import type { Verification } from "../../storage/offline/verify.ts";
import type { CliContext } from "../context.ts";
import { countText, sizeText, timeText } from "../duration.ts";
import { cliErrors } from "../errors.ts";
import { progressOf } from "../progress.ts";
import { type Input, noun, type Runner, verb } from "../run.ts";
import { wholeNumber } from "../settings.ts";
import type { Cell } from "../table.ts";

type Facts = readonly (readonly Cell[])[];

function identityFacts({ identity, identityDamage }: DataDirectoryReport): Facts {
  if (identity === undefined) return [["identity", identityDamage ?? "none"]];
  const { clusterId, serverId, incarnation, peerId, formatVersion, bootCounter } = identity;
  return [
    ["cluster", clusterId],
    ["generation", identity.generation],
    ["server", serverId],
    ["incarnation", incarnation],
    ["peer id", peerId],
    ["format", formatVersion],
    ["boots", bootCounter],
  ];
}

function quarantineText({ quarantine, quarantineDamage }: DataDirectoryReport): string {
  if (quarantine === undefined) return quarantineDamage ?? "none";
  const { stage, atMs, code, message } = quarantine;
  return `${stage} since ${timeText(atMs)}: ${message} (${code})`;
}

function walText({ wal }: DatabaseReport): string {
  const { damage, torn } = wal;
  if (damage !== undefined) {
    return `damaged: ${damage.file} at byte ${String(damage.offset)}: ${damage.reason}`;
  }
  return torn === undefined ? "intact" : `torn: ${torn.file} at byte ${String(torn.offset)}`;
}

async function inspect(context: CliContext, { words }: Input): Promise<void> {
  const { inspectDataDirectory } = await import("../../storage/offline/inspect.ts");
  const report = await inspectDataDirectory(words[0] ?? "");
  if (context.isJson) {
    await context.document(report);
    return;
  }
  const owner = report.ownerPid === undefined ? "none" : `process ${String(report.ownerPid)}`;
  await context.table({
    head: ["FACT", "VALUE"],
    rows: [
      ["directory", report.directory],
      ...identityFacts(report),
      ["in use by", owner],
      ["quarantine", quarantineText(report)],
    ],
  });
  await context.line("");
  await context.table({
    head: ["DATABASE", "FILES", "SIZE", "WAL FILES", "RECORDS", "WAL"],
    rows: report.databases.map((database) => [
      database.name,
      database.files,
      sizeText(database.bytes),
      database.wal.files,
      database.wal.records,
      walText(database),
    ]),
    right: [1, 2, 3, 4],
  });
  if (report.snapshots.length === 0) return;
  await context.line("");
  await context.table({
    head: ["SNAPSHOT", "INDEX", "TERM", "SIZE"],
    rows: report.snapshots.map(({ name, info }) =>
      info === undefined
        ? [name, "damaged", "", ""]
        : [name, info.meta.index, info.meta.term, sizeText(info.sizeBytes)],
    ),
    right: [1, 2, 3],
  });
}

async function printVerification(context: CliContext, result: Verification): Promise<void> {
  if (context.isJson) {
    await context.document(result);
    return;
  }
  const { findings, notes, checked } = result;
  if (findings.length > 0) {
    await context.table({
      head: ["WHERE", "CODE", "WHAT"],
      rows: findings.map(({ where, code, what }) => [where, code, what]),
    });
    const help = new Map(findings.map(({ code, doThis }) => [code, doThis]));
    for (const [code, doThis] of help) await context.line(`\n${code}: ${doThis}`);
  }
  for (const note of notes) await context.say(`note: ${note}`);
  const { entries, chunks, snapshots } = checked;
  const { green, red } = await context.colours();
  const counts = `${String(entries)} entries, ${String(chunks)} chunks and ${String(snapshots)} snapshots are intact`;
  if (findings.length === 0) await context.line(green(`clean: ${counts}`));
  else await context.line(red(`\n${countText(findings.length, "finding")}; ${counts}`));
}

async function verify(context: CliContext, { words }: Input): Promise<void> {
  const directory = words[0] ?? "";
  const { verifyDataDirectory } = await import("../../storage/offline/verify.ts");
  let bar: Promise<Awaited<ReturnType<typeof progressOf>>> | undefined;
  const onProgress = (doneBytes: number, totalBytes: number): void => {
    bar ??= progressOf(context, { label: "verifying", totalBytes });
    void bar.then((shown) => {
      shown.update(doneBytes);
    });
  };
  let result: Verification;
  try {
    result = await verifyDataDirectory({ directory, onProgress });
  } finally {
    (await bar)?.stop();
  }
  await printVerification(context, result);
  const { length } = result.findings;
  if (length > 0) throw cliErrors.DATA_DAMAGED(`${countText(length, "finding")} in ${directory}`);
}

/** So many rows share their column widths: a log may be longer than what a table can hold at once. */
const rowsPerTable = 500;
const indexMax = Number.MAX_SAFE_INTEGER;

type KindOf = (entry: { type: "normal" | "membership"; data: Uint8Array }) => string;

const hexText = (checksum: number): string => checksum.toString(16).padStart(8, "0");

/** JSON lines: the state first, then one object per entry. */
function lineSink(context: CliContext, kindOf: KindOf): DumpSink {
  const line = (value: object): Promise<void> => context.line(JSON.stringify(value));
  return {
    state: (state) => line({ hardState: state ?? null }),
    entry: (entry) => {
      if ("damage" in entry) return line(entry);
      const { index, term, type, data, checksum } = entry;
      const kind = kindOf(entry);
      return line({ index, term, type, bytes: data.length, checksum: hexText(checksum), kind });
    },
  };
}

function entryRow(entry: DumpedEntry | DamagedEntry, kindOf: KindOf): readonly Cell[] {
  if ("damage" in entry) return [entry.index, "", "damaged", "", "", entry.damage];
  const { index, term, type, data, checksum } = entry;
  return [index, term, type, data.length, hexText(checksum), kindOf(entry)];
}

class TableSink implements DumpSink {
  readonly #context: CliContext;
  readonly #kindOf: KindOf;
  #rows: (readonly Cell[])[] = [];

  constructor(context: CliContext, kindOf: KindOf) {
    this.#context = context;
    this.#kindOf = kindOf;
  }

  async state(state: DumpedState | undefined): Promise<void> {
    if (state === undefined) {
      await this.#context.line("both copies of the hard state are missing or damaged");
      return;
    }
    const { term, vote, commit, firstIndex, lastIndex, snapshotIndex } = state;
    await this.#context.table({
      head: ["TERM", "VOTE", "COMMIT", "FIRST", "LAST", "SNAPSHOT", "BATCH", "COPIES"],
      rows: [
        [
          term,
          vote,
          commit,
          firstIndex,
          lastIndex,
          snapshotIndex,
          state.sequence,
          `${String(state.intactCopies)} of 2`,
        ],
      ],
      right: [0, 1, 2, 3, 4, 5, 6],
    });
  }

  async entry(entry: DumpedEntry | DamagedEntry): Promise<void> {
    this.#rows.push(entryRow(entry, this.#kindOf));
    if (this.#rows.length >= rowsPerTable) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    await this.#context.line("");
    await this.#context.table({
      head: ["INDEX", "TERM", "TYPE", "BYTES", "CHECKSUM", "KIND"],
      rows: this.#rows,
      right: [0, 1, 3],
    });
    this.#rows = [];
  }
}

interface DumpFlags {
  readonly from?: string;
  readonly to?: string;
}

async function dump(context: CliContext, { words, flags }: Input<DumpFlags>): Promise<void> {
  const { dumpLog } = await import("../../storage/offline/dump.ts");
  const { entryKind } = await import("../../server/offline/entry-kind.ts");
  const range = {
    ...(flags.from === undefined ? {} : { from: wholeNumber("--from", flags.from, indexMax) }),
    ...(flags.to === undefined ? {} : { to: wholeNumber("--to", flags.to, indexMax) }),
  };
  const options = { directory: words[0] ?? "", ...range };
  if (context.isJson) {
    await dumpLog(options, lineSink(context, entryKind));
    return;
  }
  const sink = new TableSink(context, entryKind);
  await dumpLog(options, sink);
  await sink.flush();
}

const directoryArgument = ["<directory>", "data directory of a server on this machine"] as const;

export function dataCommand(run: Runner): Command {
  return noun("data", "a data directory, looked at offline; nothing in it is changed", [
    verb(
      {
        name: "inspect",
        text: "say whose data it is and what is there; also while its server runs",
        args: [directoryArgument],
        examples: [["quorate data inspect /var/lib/quorate", "Whose is it, and is it in use?"]],
        action: inspect,
      },
      run,
    ),
    verb(
      {
        name: "verify",
        text: "check everything that a start checks and more: each finding is told (exit 1), nothing is changed",
        args: [directoryArgument],
        examples: [
          ["quorate data verify /var/lib/quorate", "With its server stopped. Exit code 0 = clean."],
          ["TMPDIR=/mnt/spare quorate data verify /var/lib/quorate", "With room for a view there."],
        ],
        action: verify,
      },
      run,
    ),
    verb<DumpFlags>(
      {
        name: "dump",
        text: "print the hard state and the entries of the log; with -o json one object a line",
        args: [directoryArgument],
        examples: [
          ["quorate data dump /var/lib/quorate --from 100 --to 120", "Some of them."],
          ["quorate data dump /var/lib/quorate -o json | jq .kind", "For a script."],
        ],
        options: (command) =>
          command
            .option("--from <index>", "first entry (default: the first there is)")
            .option("--to <index>", "last entry, included (default: the last)"),
        action: dump,
      },
      run,
    ),
  ]);
}
