import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const stoppedMs = 700;
const module = pathToFileURL(join(import.meta.dirname, "../../e2e/support/stall-watch.ts")).href;
const program = `
  import { watchStalls } from ${JSON.stringify(module)};
  const watch = await watchStalls();
  process.send("watching");
  process.once("message", async () => {
    process.send(await watch.stop());
    process.disconnect();
  });
`;

test("a process that stood still with its machine knows for how long", async () => {
  const directory = mkdtempSync(join(tmpdir(), "quorate-stall-test-"));
  const file = join(directory, "watch.mts");
  writeFileSync(file, program);
  const child = fork(file, { execArgv: ["--import", "tsx"], cwd: process.cwd() });
  try {
    await once(child, "message");
    child.kill("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, stoppedMs));
    child.kill("SIGCONT");
    const answer = once(child, "message");
    child.send("stop");
    const [longestMs] = (await answer) as [number];
    expect(longestMs).toBeGreaterThan(stoppedMs / 2);
  } finally {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }
});
