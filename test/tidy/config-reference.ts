// Writes docs/reference/config.md from the one table of options (src/server/config/options.ts), so that the page
// cannot say what the program does not do. A test compares the file with the code.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type OptionSpec, serverOptions, slotsPerCore } from "../../src/server/config/options.ts";
import { environmentName } from "../../src/server/config/parse.ts";
import { type LeaseProfile, leaseMsMin, profileNamed } from "../../src/server/config/profiles.ts";

const repository: string = join(import.meta.dirname, "..", "..");

export const configReferencePath: string = join(repository, "docs/reference/config.md");

const specs: readonly OptionSpec[] = serverOptions;
const grouped = new Intl.NumberFormat("en-US");
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The page must be the same wherever it is generated: the number of cores is not. */
function defaultOf({ name, fallback, kind }: OptionSpec): string {
  if (name === "capacity") return `${String(slotsPerCore)} per core`;
  if (fallback === "") return "none";
  if (kind === "flag") return fallback === "false" ? "off" : "on";
  return `\`${fallback}\``;
}

function valueOf({ kind, unit, choices, min, max }: OptionSpec): string {
  if (kind === "flag") return "no value (in the environment `true` or `false`)";
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(", ");
  const bounds =
    min === undefined || max === undefined
      ? ""
      : `, ${grouped.format(min)} to ${grouped.format(max)}`;
  return `${unit}${bounds}`;
}

function section(spec: OptionSpec): readonly string[] {
  return [
    "",
    `### --${spec.name}`,
    "",
    spec.text,
    "",
    `- Value: ${valueOf(spec)}`,
    `- Default: ${defaultOf(spec)}`,
    `- Environment: \`${environmentName(spec.name)}\``,
    `- When it is set badly: ${spec.risk}`,
  ];
}

function profileRow(profile: LeaseProfile): string {
  const { name, leaseMs, electionMinMs, heartbeatMs, killBoundMs } = profile;
  const elections = `${String(electionMinMs)}–${String(2 * electionMinMs)}`;
  const figures = [leaseMs, elections, heartbeatMs, killBoundMs, leaseMsMin(profile)];
  return `| \`${name}\` | ${figures.map(String).join(" | ")} |`;
}

const profileNames: readonly string[] = specs.find(({ name }) => name === "lease")?.choices ?? [];

/** The page: how options are given, an overview, one section per option, the lease profiles. */
export function renderConfig(options: readonly OptionSpec[]): string {
  const lines = [
    "# Configuration",
    "",
    "Options of `quorate server start`. Each can be given as a flag or in the environment; the flag wins, then the",
    "environment, then the default. There is no configuration file yet. An unknown flag ends the start with a",
    "suggestion, a wrong value with what it must be; nothing was opened then. This page is generated from the code",
    "(`npm run docs:config`).",
    "",
    "| flag | environment | default |",
    "| --- | --- | --- |",
    ...options.map(
      (spec) =>
        `| [\`--${spec.name}\`](#--${spec.name}) | \`${environmentName(spec.name)}\` | ${cell(defaultOf(spec))} |`,
    ),
    "",
    "## Options",
    ...options.flatMap(section),
    "",
    "## Lease profiles",
    "",
    "What `--lease` stands for, in milliseconds. The election timeout is drawn anew from its range each time. The kill",
    "bound is the time in which SIGKILL surely works. A lease shorter than the last column could run out during an",
    "election and is refused at start (see [Leases and fencing](../concepts/leases-and-fencing.md)).",
    "",
    "| profile | lease | election timeout | heartbeat | kill bound | shortest safe lease |",
    "| --- | --- | --- | --- | --- | --- |",
    ...profileNames.map((name) => profileRow(profileNamed(name))),
  ];
  return `${lines.join("\n")}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(configReferencePath, renderConfig(specs));
}
