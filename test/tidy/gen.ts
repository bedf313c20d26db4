// Writes src/gen, the types of the messages and services in proto/. With `--verify` it writes nothing
// into the tree: it generates into a temporary directory and says which files differ.
//
// The options are those that the runtime loads the same files with (@grpc/proto-loader): 64-bit
// integers as numbers, enums as names, defaults filled in, oneof fields named, camelCase.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";

const generator = "node_modules/.bin/proto-loader-gen-types";
const protoRoot = "proto";
const generatedRoot = "src/gen";
const namedMax = 10;

const options = [
  "--grpcLib=@grpc/grpc-js",
  "--longs=Number",
  "--enums=String",
  "--defaults",
  "--oneofs",
  "--targetFileExtension=.ts",
  "--importFileExtension=.ts",
];

function filesBelow(root: string, suffix: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(suffix))
    .sort();
}

/** One generated file per basename holds the services: two proto files must not share one. */
function refuseSharedNames(protos: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const proto of protos) {
    const earlier = seen.get(basename(proto));
    if (earlier !== undefined) {
      throw new Error(`${earlier} and ${proto} would generate the same file: rename one`);
    }
    seen.set(basename(proto), proto);
  }
}

function generate(outDir: string): void {
  const protos = filesBelow(protoRoot, ".proto");
  refuseSharedNames(protos);
  if (protos.length === 0) return;
  const args = [...options, "-I", protoRoot, "-O", outDir, "--", ...protos];
  const run = spawnSync(generator, args, { encoding: "utf8" });
  if (run.status !== 0) {
    throw new Error(`${generator} failed:\n${run.error?.message ?? run.stderr + run.stdout}`);
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function differences(fresh: string): string[] {
  const there = existsSync(generatedRoot) ? filesBelow(generatedRoot, ".ts") : [];
  const names = new Set([...filesBelow(fresh, ".ts"), ...there]);
  return [...names]
    .sort()
    .filter((name) => textOf(join(fresh, name)) !== textOf(join(generatedRoot, name)))
    .map((name) => relative(".", join(generatedRoot, name)));
}

function verify(): void {
  const fresh = mkdtempSync(join(tmpdir(), "quorate-gen-"));
  try {
    generate(fresh);
    const stale = differences(fresh);
    if (stale.length === 0) return;
    console.error("src/gen is not what proto/ generates; run `npm run gen`. Files that differ:");
    for (const path of stale.slice(0, namedMax)) console.error(`  ${path}`);
    if (stale.length > namedMax) console.error(`  and ${stale.length - namedMax} more`);
    process.exitCode = 1;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv.includes("--verify")) {
  verify();
} else {
  rmSync(generatedRoot, { recursive: true, force: true });
  generate(generatedRoot);
}
