// The sentinel and the fixtures as plain JavaScript, made once per test run: started that way they come up as fast and
// stay as small as the installed program, which a loader in the process would hide.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import ts from "typescript";

const repository = join(import.meta.dirname, "..", "..", "..");
const sources = [
  "src/base",
  "src/runner",
  "src/runner/sentinel",
  "test/integration/runner/fixtures",
];

function compile(path: string, target: string): void {
  const { outputText } = ts.transpileModule(readFileSync(path, "utf8"), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}

export class Program {
  readonly directory: string = mkdtempSync(join(tmpdir(), "quorate-program-"));

  build(): void {
    writeFileSync(join(this.directory, "package.json"), '{"type":"module"}');
    for (const folder of sources) {
      for (const name of readdirSync(join(repository, folder))) {
        const path = join(repository, folder, name);
        const target = join(this.directory, relative(repository, path));
        if (name.endsWith(".ts")) compile(path, target.replace(/\.ts$/, ".js"));
        else if (name.endsWith(".cjs")) cpSync(path, target);
      }
    }
  }

  fixture(name: string): string {
    return join(this.directory, "test/integration/runner/fixtures", name);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
