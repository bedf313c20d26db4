// A small tree in a temporary directory, with the repository's tool configurations and packages, for
// checkers that must be seen to fail: a test plants a violation in it and runs the real tool.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface PlantedTree {
  readonly root: string;
  remove(): void;
}

const repository: string = join(import.meta.dirname, "..", "..");

const configurations = [
  "package.json",
  "tsconfig.json",
  "eslint.config.js",
  "biome.json",
  ".dependency-cruiser.cjs",
];

/** Writes `files` (path → text) next to copies of the configurations. The caller removes the tree. */
export function plantTree(files: Readonly<Record<string, string>>): PlantedTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "quorate-planted-")));
  for (const name of configurations) cpSync(join(repository, name), join(root, name));
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return {
    root,
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
