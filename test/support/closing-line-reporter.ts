// Ends every run with one plain line, `N passed, N failed, N skipped`, that a person or a script can read
// without knowing vitest, and makes the exit status agree with it. A file that cannot be loaded, a hook
// that throws and an error outside any test count as failures: what did not run has not passed.
import { writeSync } from "node:fs";
import type { SerializedError } from "vitest";
import type { Reporter, TestModule, TestRunEndReason, TestSpecification } from "vitest/node";

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts the tests of the modules, and everything that kept tests from running as failures. */
export function tallyOf(modules: readonly TestModule[]): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    tally.failed += module.errors().length;
    for (const suite of module.children.allSuites()) tally.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that is still pending when the run ends was cut off.
      tally[state === "pending" ? "failed" : state] += 1;
    }
  }
  return tally;
}

export default class ClosingLineReporter implements Reporter {
  private tally: Tally | undefined;
  private filesPlanned = 0;

  onInit(): void {
    // Printed when the process exits: whatever else prints at the end of a run comes before.
    process.once("exit", () => {
      this.close();
    });
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.filesPlanned = specifications.length;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    this.tally = tallyOf(modules);
    this.tally.failed += unhandled.length;
    // A failed set-up leaves the files behind it out of the report.
    this.tally.failed += this.filesPlanned - modules.length;
    if (reason === "interrupted") this.tally.failed += 1;
  }

  private close(): void {
    // Without an end of the run, vitest itself failed.
    const { passed, failed, skipped } = this.tally ?? { passed: 0, failed: 1, skipped: 0 };
    const succeeded = failed === 0 && passed > 0;
    const exitCode = Number(process.exitCode ?? 0);
    if (!succeeded && exitCode === 0) process.exitCode = 1;
    const hidden = failed === 0 && passed > 0 && exitCode !== 0 ? 1 : 0;
    writeSync(1, `${passed} passed, ${failed + hidden} failed, ${skipped} skipped\n`);
  }
}
