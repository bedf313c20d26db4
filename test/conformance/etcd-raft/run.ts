// `npm run conformance -- etcd-raft DIR`: finds the test files of etcd-io/raft below a folder and runs them
// against this project's core.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, QuorateError } from "../../../src/base/errors.ts";
import { exitCodes } from "../../../src/base/exit-codes.ts";
import { conformanceErrors } from "../errors.ts";
import { confchangeSuite } from "./confchange.ts";
import { interactionSuite } from "./interaction/suite.ts";
import { quorumSuite } from "./quorum.ts";
import { runFile, type Suite } from "./run-file.ts";

interface Place {
  readonly suite: Suite;
  /** Where its files are, in a checkout or in a folder with nothing else; the first that has any counts. */
  readonly folders: readonly string[];
}

const places: readonly Place[] = [
  { suite: interactionSuite, folders: ["testdata", "interaction"] },
  { suite: confchangeSuite, folders: ["confchange/testdata", "confchange"] },
  { suite: quorumSuite, folders: ["quorum/testdata", "quorum"] },
];

interface Found {
  readonly suite: Suite;
  /** Relative to the folder that was named. */
  readonly file: string;
}

function findFiles(dir: string): Found[] {
  return places.flatMap(({ suite, folders }) => {
    const files = folders.map((folder) => filesIn(dir, folder)).find(({ length }) => length > 0);
    return (files ?? []).map((file) => ({ suite, file }));
  });
}

function filesIn(dir: string, folder: string): string[] {
  const path = join(dir, folder);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((name) => name.endsWith(".txt"));
  return names.sort().map((name) => `${folder}/${name}`);
}

function runAll(dir: string, print: (line: string) => void): number {
  const found = findFiles(dir);
  if (found.length === 0) {
    const what = existsSync(dir) ? "holds no test files of etcd-io/raft" : "does not exist";
    throw conformanceErrors.NOTHING_KNOWN(`${dir} ${what}`);
  }
  let failed = 0;
  for (const { suite, file } of found) {
    const failure = runFile(suite, readFileSync(join(dir, file), "utf8"));
    print(`${failure === undefined ? "ok" : "FAIL"} ${file}`);
    for (const line of failure ?? []) print(`  ${line}`);
    if (failure !== undefined) failed += 1;
  }
  print(`${found.length - failed} passed, ${failed} failed`);
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}

/** The exit code: 0 all files passed, 1 some failed, 2 the folder holds nothing known. */
export function runEtcdRaft(dir: string, { print }: { print: (line: string) => void }): number {
  try {
    return runAll(dir, print);
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    print(`${error.code}: ${messageOf(error)}`);
    print(error.help);
    return exitCodes.usage;
  }
}
