import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { sizeText, timeText } from "../duration.ts";
import { cliErrors } from "../errors.ts";
import { resourceRef } from "../names.ts";
import { type Input, noun, type Runner, verb } from "../run.ts";

/** Of 64 digits, these are enough to compare by eye. */
const digestCharsShown = 12;

interface PushFlags {
  readonly name?: string;
  readonly kind?: string;
  readonly note?: string;
}

interface PullFlags {
  readonly file?: string;
  readonly force?: boolean;
}

interface Version {
  readonly namespace: string;
  readonly name: string;
  readonly version: number;
  readonly kind: string;
  readonly sizeBytes: number;
  readonly digest: string;
  readonly createdAtMs: number;
  readonly note: string;
}

const versionTable = (versions: readonly Version[]) => ({
  head: ["NAME", "VERSION", "KIND", "SIZE", "SHA-256", "CREATED", "NOTE"],
  rows: versions.map((version) => [
    `${version.namespace}/${version.name}`,
    version.version,
    version.kind,
    sizeText(version.sizeBytes),
    version.digest.slice(0, digestCharsShown),
    timeText(version.createdAtMs),
    version.note,
  ]),
  right: [1, 3],
});

async function push(context: CliContext, { words, flags }: Input<PushFlags>): Promise<void> {
  const { pushFile } = await import("../push-file.ts");
  const version = await pushFile(context, { path: words[0] ?? "", ...flags });
  await context.answer(version, () => versionTable([version]));
}

async function pull(context: CliContext, { words, flags }: Input<PullFlags>): Promise<void> {
  const { pullTo } = await import("../pull-file.ts");
  const selected = resourceRef(words[0] ?? "");
  const target = flags.file ?? selected.name;
  const version = await pullTo(context, { selected, target, isForced: flags.force === true });
  if (target !== "-") await context.answer(version, () => versionTable([version]));
}

async function list(context: CliContext): Promise<void> {
  const { resources } = await context.client();
  const versions = await resources.list();
  await context.answer({ versions }, () => versionTable(versions));
}

async function remove(context: CliContext, { words }: Input): Promise<void> {
  const [text = ""] = words;
  const { namespace, name, version } = resourceRef(text);
  if (!/^[1-9][0-9]*$/.test(version)) {
    throw cliErrors.USAGE(`"${text}" names no version; write ${name}@NUMBER`);
  }
  const { resources } = await context.client();
  const deleted = { namespace, name, version: Number(version) };
  await resources.delete(deleted);
  await context.answer(deleted, () => ({
    head: ["NAME", "VERSION"],
    rows: [[`${namespace}/${name}`, version]],
    right: [1],
  }));
}

export function resourceCommand(run: Runner): Command {
  return noun("resource", "jars and other files, versioned, on every server", [
    verb<PushFlags>(
      {
        name: "push",
        text: "upload a file as a new version, durable on a majority when it returns",
        args: [["<file>", "path"]],
        examples: [
          ["quorate resource push target/app.jar", "As default/app.jar."],
          [
            'quorate resource push app.jar --name etl/app.jar --note "build 512"',
            "In namespace etl, with a note.",
          ],
        ],
        options: (command) =>
          command
            .option("--name <[ns/]name>", "default: the file's name in lower case")
            .option(
              "--kind <kind>",
              "jar, library, connector, udf, file or archive; default: by the name's ending",
            )
            .option("--note <text>", "kept with the version"),
        action: push,
      },
      run,
    ),
    verb<PullFlags>(
      {
        name: "pull",
        text: "download a version and check its digest",
        args: [["<name>", "[ns/]name[@VERSION]; VERSION: latest, a number or sha256:…"]],
        examples: [
          ["quorate resource pull app.jar", "The latest version into ./app.jar."],
          ["quorate resource pull etl/app.jar@3 -f old.jar", "Version 3 into old.jar."],
          ["quorate resource pull app.jar -f - | sha256sum", "To stdout."],
        ],
        options: (command) =>
          command
            .option("-f, --file <path>", "where to; - for stdout; default: the resource's name")
            .option("--force", "replace a file that is there"),
        action: pull,
      },
      run,
    ),
    verb(
      {
        name: "list",
        text: "list all versions",
        examples: [["quorate resource list", "What is stored, how large and since when."]],
        action: list,
      },
      run,
    ),
    verb(
      {
        name: "delete",
        text: "delete a version that no job uses",
        args: [["<name>", "[ns/]name@NUMBER"]],
        examples: [["quorate resource delete app.jar@1", "Only version 1."]],
        action: remove,
      },
      run,
    ),
  ]);
}
