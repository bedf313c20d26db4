// Every rule of .dependency-cruiser.cjs is broken once, on purpose, in a small tree, and must be the one
// that reports it; the arrows that the architecture allows stand beside them and must not be reported.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PlantedTree, plantTree } from "../support/planted-tree.ts";

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

const configPath = join(import.meta.dirname, "..", "..", ".dependency-cruiser.cjs");
const config = createRequire(import.meta.url)(configPath) as {
  forbidden: readonly { name: string }[];
};
const ruleNames = config.forbidden.map(({ name }) => name);

const thing = "export const thing = 1;\n";
const things = [
  ...["api", "base", "bin", "cli", "client", "console", "distribution", "gen", "placement", "raft"],
  ...[
    "registry",
    "replica",
    "resources",
    "runner",
    "runner/sentinel",
    "server",
    "state",
    "storage",
  ],
  ...["storage/offline", "transport"],
].map((room) => [`src/${room}/thing.ts`, thing] as const);

/** rule → the file that breaks it, and how. */
const planted: Readonly<Record<string, readonly [path: string, text: string]>> = {
  "room-base": ["src/base/sees-raft.ts", `import "../raft/thing.ts";`],
  "room-raft": ["src/raft/sees-state.ts", `import "../state/thing.ts";`],
  "room-placement": ["src/placement/sees-state.ts", `import "../state/thing.ts";`],
  "room-state": ["src/state/sees-raft.ts", `import type { thing } from "../raft/thing.ts";`],
  "room-storage": ["src/storage/sees-state.ts", `import "../state/thing.ts";`],
  "room-transport": ["src/transport/sees-storage.ts", `import "../storage/thing.ts";`],
  "room-replica": ["src/replica/sees-registry.ts", `import "../registry/thing.ts";`],
  "room-registry": ["src/registry/sees-distribution.ts", `import "../distribution/thing.ts";`],
  "room-resources": ["src/resources/sees-registry.ts", `import "../registry/thing.ts";`],
  "room-distribution": ["src/distribution/sees-resources.ts", `import "../resources/thing.ts";`],
  "room-runner": ["src/runner/sees-api.ts", `import "../api/thing.ts";`],
  "room-api": ["src/api/sees-storage.ts", `import "../storage/thing.ts";`],
  "room-client": ["src/client/sees-state.ts", `import "../state/thing.ts";`],
  "room-cli": ["src/cli/sees-replica.ts", `import "../replica/thing.ts";`],
  "room-server": ["src/server/sees-cli.ts", `import "../cli/thing.ts";`],
  "room-gen": ["src/gen/sees-base.ts", `import "../base/thing.ts";`],
  "room-console": ["src/console/sees-base.ts", `import "../base/thing.ts";`],
  "room-bin": ["src/bin/sees-api.ts", `import "../api/thing.ts";`],
  "every-file-lives-in-a-room": ["src/stray.ts", `import "./base/thing.ts";`],
  "pure-has-no-packages": ["src/placement/sees-package.ts", `import "level";`],
  "pure-has-no-builtins": ["src/base/sees-builtin.ts", `import "node:fs";`],
  "edges-see-only-raft-types": [
    "src/storage/runs-raft.ts",
    `import { thing } from "../raft/thing.ts";`,
  ],
  "replica-sees-only-contracts": ["src/replica/sees-store.ts", `import "../storage/thing.ts";`],
  "runner-sees-only-state-types": [
    "src/runner/runs-state.ts",
    `import { thing } from "../state/thing.ts";`,
  ],
  "one-file-knows-the-local-cluster": [
    "src/runner/sees-replica.ts",
    `import "../replica/thing.ts";`,
  ],
  "one-file-knows-the-remote-cluster": [
    "src/runner/sees-client.ts",
    `import "../client/thing.ts";`,
  ],
  "sentinel-stands-alone": ["src/runner/sentinel/sees-agent.ts", `import "../thing.ts";`],
  "sentinel-has-no-packages": ["src/bin/sentinel.ts", `import "yaml";`],
  "bin-starts-only-the-sentinel-of-runner": [
    "src/bin/sees-agent.ts",
    `import "../runner/thing.ts";`,
  ],
  "cli-reads-data-only-offline": ["src/cli/sees-store.ts", `import "../storage/thing.ts";`],
  "cli-loads-storage-lazily": ["src/cli/eager.ts", `import "../storage/offline/thing.ts";`],
  "index-is-the-embedded-door": [
    "src/index.ts",
    `import "./raft/thing.ts"; import { thing } from "./state/thing.ts";`,
  ],
  "index-shows-only-state-types": ["src/index.ts", ""],
  "nobody-imports-index": ["src/api/sees-index.ts", `import "../index.ts";`],
  "nobody-imports-bin": ["src/server/sees-bin.ts", `import "../bin/thing.ts";`],
  "src-never-imports-tests": ["src/api/sees-test.ts", `import "../../test/support/thing.ts";`],
  "outside-uses-the-doors": ["bench/lib/sees-raft.ts", `import "../../src/raft/thing.ts";`],
  "one-file-of-the-benchmarks-opens-stores": [
    "bench/workloads/storage/stores.ts",
    `import "../../../src/storage/thing.ts"; import "../../../src/replica/thing.ts";`,
  ],
  "level-only-at-its-edge": ["src/replica/level.ts", `import "level";`],
  "grpc-only-at-its-edge": ["src/api/grpc.ts", `import "@grpc/grpc-js";`],
  "fastify-only-at-its-edge": ["src/api/fastify.ts", `import "fastify";`],
  "pino-only-at-its-edge": ["src/runner/pino.ts", `import "pino";`],
  "xxhash-only-at-its-edge": ["src/distribution/xxhash.ts", `import "xxhash-wasm";`],
  "nothing-unresolvable": ["src/server/lost.ts", `import "./nowhere.ts";`],
  "no-circular": ["src/base/circle-a.ts", `import "./circle-b.ts";`],
};

const allowed: Readonly<Record<string, string>> = {
  "src/base/circle-b.ts": `import "./circle-a.ts";`,
  "src/storage/contract.ts": `import type { thing } from "../raft/thing.ts";`,
  "src/storage/level/log-store.ts": `import "level"; import "../contract.ts";`,
  "src/transport/channel.ts": `import "@grpc/grpc-js"; import "../gen/thing.ts";`,
  "src/replica/loop.ts": `import "../raft/thing.ts"; import "../state/thing.ts"; import "../storage/contract.ts";`,
  "src/distribution/rebalancer.ts": `import "../placement/thing.ts"; import "../registry/thing.ts";`,
  "src/runner/agent.ts": `import type { thing } from "../state/thing.ts"; import "../base/thing.ts";`,
  "src/runner/cluster/local.ts": `import "../../replica/thing.ts"; import "../../distribution/thing.ts";`,
  "src/runner/cluster/remote.ts": `import "../../client/thing.ts";`,
  "src/runner/sentinel/main.ts": `import "../../base/thing.ts"; import "node:net"; import "./thing.ts";`,
  "src/api/http/server.ts": `import "fastify"; import "../thing.ts";`,
  "src/cli/inspect.ts": `void import("../storage/offline/thing.ts");`,
  "src/server/boot.ts": `import "pino"; import "../runner/thing.ts"; import "../storage/thing.ts";`,
  "src/bin/quorate.ts": `import "../cli/thing.ts"; import "../server/thing.ts"; import "../runner/sentinel/thing.ts";`,
  "bench/workloads/placement.ts": `import "../../src/placement/thing.ts";`,
  "test/e2e/doors.test.ts": `import "../../src/client/thing.ts";`,
  "test/support/thing.ts": thing,
};

/** Files of `allowed` that are the second half of a planted violation. */
const accomplices = ["src/base/circle-b.ts"];

let tree: PlantedTree;
let violations: readonly Violation[];

beforeAll(() => {
  const files = Object.values(planted).filter(([, text]) => text !== "");
  tree = plantTree({ ...Object.fromEntries(things), ...allowed, ...Object.fromEntries(files) });
  const args = [
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "json",
    "src",
    "test",
    "bench",
  ];
  const run = spawnSync("node_modules/.bin/depcruise", args, {
    cwd: tree.root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  violations = (JSON.parse(run.stdout) as { summary: { violations: Violation[] } }).summary
    .violations;
});

afterAll(() => {
  tree.remove();
});

describe("dependency rules", () => {
  test("each rule has a planted violation, and each violation a rule", () => {
    expect(Object.keys(planted).sort()).toEqual([...ruleNames].sort());
  });

  test.each(ruleNames)("%s reports its violation", (name) => {
    const [path] = planted[name] ?? [];
    const reported = violations.filter(({ from }) => from === path).map(({ rule }) => rule.name);
    expect(reported).toContain(name);
  });

  test("the arrows of the architecture are not reported", () => {
    const innocent = [...Object.keys(allowed), ...things.map(([path]) => path)];
    const accused = violations.filter(
      ({ from }) => innocent.includes(from) && !accomplices.includes(from),
    );
    expect(accused).toEqual([]);
  });
});
