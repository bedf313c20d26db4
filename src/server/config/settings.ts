// What a server is started with, validated. Every value that reaches the rest of the program comes from here.
import { isIP } from "node:net";
import { resolve } from "node:path";
import type { Labels } from "../../state/rows.ts";
import { serverErrors } from "../errors.ts";
import type { LogLevel } from "../system/logger.ts";
import { type OptionName, type OptionSpec, serverOptions } from "./options.ts";
import { environmentName, type RawValues } from "./parse.ts";
import { type LeaseProfile, profileNamed } from "./profiles.ts";

export const peerPortDefault = 7472;

export interface ServerSettings {
  readonly dataDirectory: string;
  /** Empty = generated, or what the data directory says. */
  readonly serverId: string;
  /** host:port each. */
  readonly join: readonly string[];
  readonly expect: number;
  readonly awaitAdd: boolean;
  readonly host: string;
  readonly advertise: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly peerPort: number;
  readonly zone: string;
  readonly labels: Labels;
  /** 0 = runs no jobs. */
  readonly capacity: number;
  readonly profile: LeaseProfile;
  readonly leaseReads: boolean;
  /** Bulk writes leave room for the log. */
  readonly isPaced: boolean;
  /** 0 to 3, the default. */
  readonly electionPriority: number;
  readonly balanceHoldMs: number;
  readonly agentGraceMs: number;
  readonly logLevel: LogLevel;
}

const serverIdPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const hostNamePattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/;
const labelPattern = /^[a-z0-9._/-]{1,63}=[A-Za-z0-9._/:@+-]{0,63}$/;
const labelsMax = 64;
const specs: ReadonlyMap<string, OptionSpec> = new Map(
  serverOptions.map((spec) => [spec.name, spec]),
);

/** `value`: the part of the option that is wrong; the whole of it when not given. */
function bad(
  values: RawValues,
  name: OptionName,
  what: { readonly want: string; readonly value?: string },
): Error {
  const { text, origin } = values[name];
  const said = origin === "environment" ? environmentName(name) : `--${name}`;
  return serverErrors.BAD_OPTION(`${said} is "${what.value ?? text}"; it must be ${what.want}`, {
    fields: { option: name },
  });
}

function number(values: RawValues, name: OptionName): number {
  const { text } = values[name];
  const { min = 0, max = Number.MAX_SAFE_INTEGER, unit } = specs.get(name) ?? {};
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max) {
    const want = `a whole number (${unit ?? ""}) from ${String(min)} to ${String(max)}`;
    throw bad(values, name, { want });
  }
  return value;
}

function flag(values: RawValues, name: OptionName): boolean {
  const { text } = values[name];
  if (text !== "true" && text !== "false") throw bad(values, name, { want: "true or false" });
  return text === "true";
}

function choice(values: RawValues, name: OptionName): string {
  const { text } = values[name];
  const choices = specs.get(name)?.choices ?? [];
  if (!choices.includes(text)) throw bad(values, name, { want: `one of ${choices.join(", ")}` });
  return text;
}

/** host, host:port, [v6] or [v6]:port → with a port; undefined when it is none of these. */
function withPort(address: string): string | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253}))(?::([0-9]{1,5}))?$/.exec(
    address,
  );
  if (match === null) return undefined;
  const [, v6, host, portText = String(peerPortDefault)] = match;
  const port = Number(portText);
  if (port < 1 || port > 65_535 || (v6 !== undefined && isIP(v6) !== 6)) return undefined;
  return `${v6 === undefined ? (host ?? "") : `[${v6}]`}:${portText}`;
}

function joinAddresses(values: RawValues): readonly string[] {
  const addresses = list(values, "join").map((item) => {
    const address = withPort(item);
    if (address !== undefined) return address;
    throw bad(values, "join", { value: item, want: "host or host:port, separated by commas" });
  });
  return [...new Set(addresses)];
}

function list(values: RawValues, name: OptionName): readonly string[] {
  const { text } = values[name];
  return text === "" ? [] : text.split(",").map((item) => item.trim());
}

function labels(values: RawValues): Labels {
  const pairs = list(values, "labels").map((item): [string, string] => {
    if (!labelPattern.test(item))
      throw bad(values, "labels", { value: item, want: "name=value, separated by commas" });
    const at = item.indexOf("=");
    return [item.slice(0, at), item.slice(at + 1)];
  });
  if (pairs.length > labelsMax)
    throw bad(values, "labels", { want: `at most ${String(labelsMax)} pairs` });
  return Object.fromEntries(pairs);
}

/** 127.0.0.0/8, ::1 and localhost. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || hostNamePattern.test(text);
}

function checkedHost(values: RawValues): string {
  const host = values.host.text;
  if (!isHost(host)) throw bad(values, "host", { want: "an address or a host name" });
  const insecure = flag(values, "insecure");
  if (!isLoopback(host) && !insecure) {
    throw serverErrors.OPEN_DOOR(
      `--host ${host} would open the doors beyond this machine without TLS`,
      {
        fields: { host },
      },
    );
  }
  return host;
}

/** Addresses that mean "every interface" and lead nowhere when others use them. */
const wildcards = ["0.0.0.0", "::"];

function advertised(values: RawValues, host: string): string {
  const { text } = values.advertise;
  if (text !== "" && !isHost(text))
    throw bad(values, "advertise", { want: "an address or a host name" });
  const name = text === "" ? host : text;
  if (!wildcards.includes(name)) return name;
  throw bad(values, "advertise", {
    want: `the name or address by which others reach this server, since --host is ${host}`,
  });
}

function checkedId(values: RawValues): string {
  const id = values.id.text;
  if (id !== "" && !serverIdPattern.test(id)) {
    const want = "1 to 63 of a-z 0-9 . _ -, beginning with a letter or digit";
    throw bad(values, "id", { want });
  }
  return id;
}

interface TextForm {
  readonly pattern: RegExp;
  readonly want: string;
}

const dataForm: TextForm = { pattern: /./, want: "a directory" };
const zoneForm: TextForm = {
  pattern: /^[A-Za-z0-9._-]{0,63}$/,
  want: "at most 63 of A-Z a-z 0-9 . _ -",
};

function checkedText(values: RawValues, name: OptionName, form: TextForm): string {
  const { text } = values[name];
  if (!form.pattern.test(text)) throw bad(values, name, { want: form.want });
  return text;
}

/** 0 would be a server that holds a lease for nothing: the sentinel's part is left out by its own option. */
function capacity(values: RawValues): number {
  if (flag(values, "no-runner")) return 0;
  const isNone = /^0+$/.test(values.capacity.text);
  if (isNone) throw bad(values, "capacity", { want: "1 or more; --no-runner runs no jobs" });
  return number(values, "capacity");
}

/** How many servers found the cluster: as many as are listed when nothing is said. */
function expected(values: RawValues, listed: number): number {
  const expect = number(values, "expect");
  const most = Math.max(1, listed);
  if (expect <= most) return expect === 0 ? most : expect;
  const want = `at most ${String(most)}: ${
    listed === 0 ? "without --join there is no other server" : "--join lists no more addresses"
  }`;
  throw bad(values, "expect", { want });
}

function awaitAdd(values: RawValues, listed: number): boolean {
  if (!flag(values, "await-add")) return false;
  if (listed > 0) return true;
  throw bad(values, "await-add", {
    want: "given together with --join: without it this server founds a cluster of its own",
  });
}

/** Validates; throws a coded error that names the option. */
export function toSettings(values: RawValues): ServerSettings {
  const join = joinAddresses(values);
  const host = checkedHost(values);
  return {
    dataDirectory: resolve(checkedText(values, "data", dataForm)),
    serverId: checkedId(values),
    join,
    expect: expected(values, join.length),
    awaitAdd: awaitAdd(values, join.length),
    host,
    advertise: advertised(values, host),
    httpPort: number(values, "http-port"),
    grpcPort: number(values, "grpc-port"),
    peerPort: number(values, "peer-port"),
    zone: checkedText(values, "zone", zoneForm),
    labels: labels(values),
    capacity: capacity(values),
    profile: profileNamed(choice(values, "lease")),
    leaseReads: flag(values, "lease-reads"),
    isPaced: !flag(values, "no-bulk-pace"),
    electionPriority: number(values, "election-priority"),
    balanceHoldMs: number(values, "balance-hold"),
    agentGraceMs: number(values, "agent-grace"),
    logLevel: choice(values, "log-level") as LogLevel,
  };
}
