import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { HeardStart } from "../../../src/server/heard-start.ts";
import type { DataDirectory, Identity } from "../../../src/storage/contract.ts";
import { memoryDataDirectory } from "../../../src/storage/memory/data-directory.ts";

let data: DataDirectory;
let saved: Identity[];
let warnings: string[];
let failure: Error | undefined;
beforeEach(() => {
  const real = memoryDataDirectory({ serverId: "alpha" });
  [saved, warnings, failure] = [[], [], undefined];
  data = Object.assign(real, {
    saveIdentity: (identity: Identity) => {
      saved.push(identity);
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    },
  });
});
afterEach(() => data.close());

function heardStart(): HeardStart {
  const logger = { ...silentLogger, warn: (_: object, text: string) => void warnings.push(text) };
  return new HeardStart({ data: () => data, logger });
}

test("the first contact is noted, once, and the end waits for it", async () => {
  const start = heardStart();
  await start.stop();
  expect(saved).toEqual([]);
  start.heard();
  start.heard();
  await start.stop();
  expect(saved).toEqual([{ ...data.identity, isBootHeard: true }]);
});

test("a disk that does not take it is a warning", async () => {
  failure = new Error("full");
  const start = heardStart();
  start.heard();
  await start.stop();
  expect(warnings).toEqual(["it is not noted that peers know this start"]);
});
