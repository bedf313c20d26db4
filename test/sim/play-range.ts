// A share of the 200 seeds that every `npm test` plays, each twice. They are shorter than those of `npm run sim`.
import { expect, test } from "vitest";
import { loadHash64 } from "../../src/server/system/hash.ts";
import { replayWords } from "./report.ts";
import { runSeed } from "./run-seed.ts";

const seconds = 6;
const seedsPerTest = 10;
const testMsMax = 180_000;

export function playRange(from: number, to: number): void {
  for (let first = from; first < to; first += seedsPerTest) {
    const end = Math.min(to, first + seedsPerTest);
    test(`seeds ${first} to ${end - 1}`, { timeout: testMsMax }, async () => {
      const hash = await loadHash64();
      for (let seed = first; seed < end; seed += 1) {
        const result = await runSeed({ seed, safetyMs: seconds * 1000 }, { hash });
        const replay = replayWords({ seed, seconds, servers: undefined });
        const transcript = result.transcript.join("\n");
        expect(result.failure, `${replay}\n${transcript}`).toBeUndefined();
        expect(result.isDecided, `${replay}: the history was too large to be judged`).toBe(true);
      }
    });
  }
}
