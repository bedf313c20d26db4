// Every option of a server, once: this table feeds the parsing of flags and environment, their validation,
// `--help` and docs/reference/config.md. Precedence: flag, then environment, then default.
import { cpus } from "node:os";

export interface OptionSpec {
  /** Flag `--name`, environment `QUORATE_NAME` with underscores. */
  readonly name: string;
  readonly kind: "text" | "number" | "flag" | "list" | "labels";
  readonly unit: string;
  readonly fallback: string;
  /** What it does. */
  readonly text: string;
  /** What goes wrong when it is set badly. */
  readonly risk: string;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

export type OptionName =
  | "data"
  | "id"
  | "join"
  | "expect"
  | "await-add"
  | "host"
  | "advertise"
  | "http-port"
  | "grpc-port"
  | "peer-port"
  | "insecure"
  | "zone"
  | "labels"
  | "capacity"
  | "no-runner"
  | "no-bulk-pace"
  | "lease"
  | "lease-reads"
  | "election-priority"
  | "balance-hold"
  | "agent-grace"
  | "log-level";

/** Slots that a server offers when nothing is said: many per core, since most jobs wait most of the time. */
export const slotsPerCore = 16;

export const serverOptions: readonly (OptionSpec & { readonly name: OptionName })[] = [
  {
    name: "data",
    kind: "text",
    unit: "directory",
    fallback: "quorate-data",
    text: "Data directory: log, snapshots, jars, logs of jobs. One per server.",
    risk: "An emptied or foreign directory makes the server a stranger to its cluster.",
  },
  {
    name: "id",
    kind: "text",
    unit: "name",
    fallback: "",
    text: "Server id: stable, 1 to 63 of a-z 0-9 . _ -; generated and kept when not given.",
    risk: "Two servers with one id cannot form a cluster.",
  },
  {
    name: "join",
    kind: "list",
    unit: "host:port,…",
    fallback: "",
    text: "Peer addresses of the servers to form a cluster with or to join; the port defaults to 7472. Without it: a cluster of one.",
    risk: "Different lists on different servers block formation (it says so); they never make two clusters.",
  },
  {
    name: "expect",
    kind: "number",
    unit: "servers",
    fallback: "0",
    min: 0,
    max: 15,
    text: "How many servers found the cluster; 0 = as many as --join lists.",
    risk: "Too high: formation waits for ever. It must be the same on every founding server.",
  },
  {
    name: "await-add",
    kind: "flag",
    unit: "",
    fallback: "false",
    text: "Do not ask to join an existing cluster; wait until an operator says `quorate server add`.",
    risk: "The server waits until somebody adds it.",
  },
  {
    name: "host",
    kind: "text",
    unit: "address",
    fallback: "127.0.0.1",
    text: "Address that the doors (HTTP, gRPC, peer) listen on.",
    risk: "Anything but loopback needs --insecure as long as there is no TLS.",
  },
  {
    name: "advertise",
    kind: "text",
    unit: "host",
    fallback: "",
    text: "Host that others use to reach this server; default: --host.",
    risk: "A name that others cannot resolve makes the server unreachable.",
  },
  {
    name: "http-port",
    kind: "number",
    unit: "port",
    fallback: "7470",
    min: 0,
    max: 65_535,
    text: "Port of the HTTP door (REST, leases, health); 0 = any free one.",
    risk: "A taken port stops the start.",
  },
  {
    name: "grpc-port",
    kind: "number",
    unit: "port",
    fallback: "7471",
    min: 0,
    max: 65_535,
    text: "Port of the gRPC door; 0 = any free one.",
    risk: "A taken port stops the start.",
  },
  {
    name: "peer-port",
    kind: "number",
    unit: "port",
    fallback: "7472",
    min: 0,
    max: 65_535,
    text: "Port of the peer door (other servers only); 0 = any free one.",
    risk: "Others must find it: give --join the same port.",
  },
  {
    name: "insecure",
    kind: "flag",
    unit: "",
    fallback: "false",
    text: "Allow doors on addresses other than loopback without TLS.",
    risk: "Whoever reaches the ports controls the cluster.",
  },
  {
    name: "zone",
    kind: "text",
    unit: "name",
    fallback: "",
    text: "Failure zone of this server, for people; placement does not look at it yet.",
    risk: "Wrong zones make the cluster look safer than it is.",
  },
  {
    name: "labels",
    kind: "labels",
    unit: "name=value,…",
    fallback: "",
    text: "Labels by which clients find servers.",
    risk: "None.",
  },
  {
    name: "capacity",
    kind: "number",
    unit: "slots",
    fallback: String(slotsPerCore * Math.max(1, cpus().length)),
    min: 1,
    max: 100_000,
    text: "Slots offered to jobs; jobs are shared out in this ratio. Default: 16 per core. For a server that runs no jobs say --no-runner instead.",
    risk: "Too high overloads the machine.",
  },
  {
    name: "no-runner",
    kind: "flag",
    unit: "",
    fallback: "false",
    text: "Run no jobs on this server.",
    risk: "Jobs need at least one server that runs them.",
  },
  {
    name: "lease",
    kind: "text",
    unit: "",
    fallback: "default",
    choices: ["fast", "default", "relaxed"],
    text: "Lease profile: fast (1 s, elections 75–150 ms), default (3 s, 300–600 ms), relaxed (10 s, 300–600 ms).",
    risk: "fast needs machines and a network that never pause for 100 ms; the same on every server.",
  },
  {
    name: "no-bulk-pace",
    kind: "flag",
    unit: "",
    fallback: "false",
    text: "Store the bytes of uploads and of fetched files as fast as the disk takes them, instead of leaving room for the log.",
    risk: "While large files arrive, every other command waits behind them on the same disk. For measuring.",
  },
  {
    name: "lease-reads",
    kind: "flag",
    unit: "",
    fallback: "false",
    text: "Answer linearizable reads on the leader without asking a majority each time, while a majority's loyalty lasts (docs/concepts/consistency.md). In effect while a majority of the servers has it on.",
    risk: "A clock that runs a quarter faster than another can make a read miss the newest writes; a killed leader is replaced after an election timeout instead of at once.",
  },
  {
    name: "election-priority",
    kind: "number",
    unit: "rank",
    fallback: "3",
    min: 0,
    max: 3,
    text: "How soon this server tries to lead when there is no leader: each step below 3 leaves one campaign to the others. A wish, not a rule: votes do not depend on it.",
    risk: "Below 3 on every server: slower failover for nothing.",
  },
  {
    name: "balance-hold",
    kind: "number",
    unit: "ms",
    fallback: "30000",
    min: 0,
    max: 86_400_000,
    text: "How long no server and no job must have come or gone before running jobs are moved to even things out. Jobs that come and go all the time put it off ten times as long at most.",
    risk: "Too short: a server that bounces moves jobs twice.",
  },
  {
    name: "agent-grace",
    kind: "number",
    unit: "ms",
    fallback: "30000",
    min: 1000,
    max: 3_600_000,
    text: "How long jobs may run on while their server process does not come back.",
    risk: "Too short: a slow restart stops jobs.",
  },
  {
    name: "log-level",
    kind: "text",
    unit: "",
    fallback: "info",
    choices: ["debug", "info", "warn", "error"],
    text: "Least severe log line that is written.",
    risk: "debug writes much.",
  },
];
