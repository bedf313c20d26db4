// Whether this machine itself stood still: a thread of its own that wants to run and to write to the disk all the time,
// and notes the longest time that it was kept waiting. Servers that elect somebody while everything on the machine stands
// still do what they should; a test about what else makes them elect must know.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** Plain JavaScript, because a thread does not load TypeScript. */
const watching = `
  const { closeSync, fdatasyncSync, openSync, writeSync } = require("node:fs");
  const { parentPort, workerData } = require("node:worker_threads");
  const file = openSync(workerData.path, "w");
  let [last, longestMs] = [performance.now(), 0];
  const timer = setInterval(() => {
    writeSync(file, "x", 0);
    fdatasyncSync(file);
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last - workerData.everyMs);
    last = now;
  }, workerData.everyMs);
  parentPort.once("message", () => {
    clearInterval(timer);
    closeSync(file);
    parentPort.postMessage(Math.max(longestMs, performance.now() - last - workerData.everyMs));
  });
  parentPort.postMessage("ready");
`;
const everyMs = 10;

function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

export interface StallWatch {
  /** The longest time in ms that the thread waited for the processor and the disk, beyond its pauses. */
  stop(): Promise<number>;
}

export async function watchStalls(): Promise<StallWatch> {
  const directory = mkdtempSync(join(tmpdir(), "quorate-stalls-"));
  const workerData = { path: join(directory, "file"), everyMs };
  const worker = new Worker(watching, { eval: true, workerData });
  await nextMessage(worker);
  return {
    async stop() {
      const answer = nextMessage(worker);
      worker.postMessage("stop");
      const longestMs = Number(await answer);
      await worker.terminate();
      rmSync(directory, { recursive: true, force: true });
      return longestMs;
    },
  };
}
