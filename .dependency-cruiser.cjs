// The arrows of docs/ARCHITECTURE.md, as data. Every room may import itself and, but for console and gen,
// base. A new arrow needs a decision note in docs/decisions/. test/tidy/dependency-rules.test.ts plants a
// violation of every rule below.
const arrows = {
  base: [],
  raft: [],
  placement: [],
  state: [],
  storage: ["raft"],
  transport: ["raft", "gen"],
  replica: ["raft", "state", "storage", "transport"],
  registry: ["replica", "state"],
  resources: ["replica", "state"],
  distribution: ["registry", "replica", "state", "placement"],
  runner: ["state", "registry", "resources", "distribution", "replica", "client"],
  api: ["registry", "resources", "distribution", "runner", "replica", "state", "gen"],
  client: ["gen"],
  cli: ["client", "server", "placement", "storage"],
  server: [
    "raft",
    "placement",
    "state",
    "storage",
    "transport",
    "replica",
    "registry",
    "resources",
    "distribution",
    "runner",
    "api",
    "client",
    "gen",
  ],
  gen: [],
  console: [],
  bin: ["cli", "server", "runner"],
};
const withoutBase = ["console", "gen"];

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });
const inRooms = (names) => `^src/(${names.join("|")})/`;

const rooms = Object.entries(arrows).map(([room, allowed]) => {
  const seen = [room, ...(withoutBase.includes(room) ? [] : ["base"]), ...allowed];
  return rule(
    `room-${room}`,
    `${room} may import only: ${seen.join(", ")}`,
    { path: `^src/${room}/` },
    { path: "^src/", pathNot: inRooms(seen) },
  );
});

const confine = (name, packages, home) =>
  rule(
    `${name}-only-at-its-edge`,
    "technology lives in one room, so that it can be replaced there",
    { path: "^src/", pathNot: home },
    { path: `(^|/)node_modules/(${packages})/` },
  );

const typesOnly = (name, from, target) =>
  rule(
    name,
    "types are shared, behaviour is not",
    { path: from },
    { path: target, dependencyTypesNot: ["type-only"] },
  );

const pure = inRooms(["base", "raft", "placement", "state"]);
const sentinel = "^src/(runner/sentinel/|bin/sentinel\\.ts$)";
const localCluster = "^src/runner/cluster/local\\.ts$";
const benchedStores = "^bench/workloads/storage/stores\\.ts$";
const remoteCluster = "^src/runner/cluster/remote\\.ts$";

module.exports = {
  forbidden: [
    ...rooms,
    rule(
      "every-file-lives-in-a-room",
      "a file outside the rooms escapes their rules",
      { path: "^src/", pathNot: [inRooms(Object.keys(arrows)), "^src/index\\.ts$"] },
      {},
    ),

    rule(
      "pure-has-no-packages",
      "the core is the same on every machine",
      { path: pure },
      { path: "node_modules" },
    ),
    rule(
      "pure-has-no-builtins",
      "the core does nothing but compute",
      { path: pure },
      { dependencyTypes: ["core"] },
    ),

    typesOnly("edges-see-only-raft-types", "^src/(storage|transport)/", "^src/raft/"),
    rule(
      "replica-sees-only-contracts",
      "storage and transport are handed to it",
      { path: "^src/replica/" },
      { path: "^src/(storage|transport)/", pathNot: "^src/(storage|transport)/contract\\.ts$" },
    ),
    typesOnly("runner-sees-only-state-types", "^src/runner/", "^src/state/"),
    rule(
      "one-file-knows-the-local-cluster",
      "the agent sees a cluster through an interface",
      { path: "^src/runner/", pathNot: localCluster },
      { path: "^src/(replica|registry|resources|distribution)/" },
    ),
    rule(
      "one-file-knows-the-remote-cluster",
      "the agent sees a cluster through an interface",
      { path: "^src/runner/", pathNot: remoteCluster },
      { path: "^src/client/" },
    ),
    rule(
      "sentinel-stands-alone",
      "it must outlive a broken server process",
      { path: sentinel },
      { path: "^src/", pathNot: "^src/(base|runner/sentinel)/" },
    ),
    rule(
      "sentinel-has-no-packages",
      "it must outlive a broken server process",
      { path: sentinel },
      { path: "node_modules" },
    ),
    rule(
      "bin-starts-only-the-sentinel-of-runner",
      "the agent is part of a server or worker",
      { path: "^src/bin/" },
      { path: "^src/runner/", pathNot: "^src/runner/sentinel/" },
    ),
    rule(
      "cli-reads-data-only-offline",
      "a running server owns its data directory",
      { path: "^src/cli/" },
      { path: "^src/storage/", pathNot: "^src/storage/offline/" },
    ),
    rule(
      "cli-loads-storage-lazily",
      "a command that opens no database does not load LevelDB",
      { path: "^src/cli/" },
      { path: "^src/storage/", dependencyTypesNot: ["dynamic-import", "type-only"] },
    ),
    rule(
      "index-is-the-embedded-door",
      "an embedded cluster is a server, a client and types",
      { path: "^src/index\\.ts$" },
      { path: "^src/", pathNot: "^src/(base|server|client|state)/" },
    ),
    typesOnly("index-shows-only-state-types", "^src/index\\.ts$", "^src/state/"),
    rule(
      "nobody-imports-index",
      "a room imports the room it means",
      { path: "^src/" },
      { path: "^src/index\\.ts$" },
    ),
    rule(
      "nobody-imports-bin",
      "an entry point has no exports",
      { pathNot: "^src/bin/" },
      { path: "^src/bin/" },
    ),
    rule(
      "src-never-imports-tests",
      "they are not in the package",
      { path: "^src/" },
      { path: "^(test|bench)/" },
    ),
    rule(
      "outside-uses-the-doors",
      "end-to-end tests and benchmarks see what a user sees",
      {
        path: "^(test/e2e|bench)/",
        pathNot: ["^bench/workloads/(placement|state)(/|\\.ts$)", benchedStores],
      },
      { path: "^src/", pathNot: "^src/(client/|base/|index\\.ts$)" },
    ),
    rule(
      "one-file-of-the-benchmarks-opens-stores",
      "what a store costs cannot be seen through the doors of a server",
      { path: benchedStores },
      { path: "^src/", pathNot: "^src/(base|storage)/" },
    ),

    confine("level", "level|classic-level|abstract-level|memory-level", "^src/storage/"),
    confine("grpc", "@grpc/[^/]+|grpc-health-check", "^src/(transport|api/grpc|client|gen)/"),
    confine("fastify", "fastify|@fastify/[^/]+", "^src/api/http/"),
    confine("pino", "pino", "^src/server/"),
    confine("xxhash", "xxhash-wasm", "^src/server/"),

    rule("nothing-unresolvable", "an import must lead somewhere", {}, { couldNotResolve: true }),
    rule("no-circular", "a cycle has no order of understanding", {}, { circular: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".js"],
    },
  },
};
