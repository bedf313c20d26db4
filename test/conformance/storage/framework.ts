// What a suite needs of a test framework. It is handed in, so that a suite can be run over a store with a planted bug and
// be expected to fail: a suite that cannot fail proves nothing.
import { afterEach, beforeEach, describe, test } from "vitest";

type Work = () => Promise<void> | void;

export interface Framework {
  describe(name: string, body: () => void): void;
  test(name: string, work: Work, timeoutMs?: number): void;
  beforeEach(work: Work): void;
  afterEach(work: () => Promise<void>): void;
}

export const vitestFramework: Framework = {
  describe: (name, body) => {
    describe(name, body);
  },
  test: (name, work, timeoutMs) => {
    test(name, work, timeoutMs);
  },
  beforeEach: (work) => {
    beforeEach(work);
  },
  afterEach: (work) => {
    afterEach(work);
  },
};

/** A promise that a broken store never settles fails its test after so long. */
const settleMsMax = 20_000;

function inTime(work: Work): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error("never settled"));
    }, settleMsMax);
  });
  return Promise.race([Promise.resolve().then(work), late]).finally(() => {
    clearTimeout(timer);
  });
}

/** Runs the suite and gives the names of the tests that failed. */
export async function failuresOf(suite: (framework: Framework) => void): Promise<string[]> {
  const before: Work[] = [];
  const after: Work[] = [];
  const tests: { readonly name: string; readonly work: Work }[] = [];
  suite({
    describe: (_name, body) => {
      body();
    },
    test: (name, work) => void tests.push({ name, work }),
    beforeEach: (work) => void before.push(work),
    afterEach: (work) => void after.push(work),
  });
  const failed: string[] = [];
  for (const { name, work } of tests) {
    try {
      for (const prepare of before) await prepare();
      await inTime(work);
    } catch {
      failed.push(name);
    }
    for (const tidy of after) await tidy();
  }
  return failed;
}
