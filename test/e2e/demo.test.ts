// What a newcomer runs first: it ends by itself, and what it says about the jobs is what the product promises.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const repository = join(import.meta.dirname, "../..");

interface Output {
  readonly code: number | null;
  readonly text: string;
}

function play(json: string): Promise<Output> {
  const args = ["--import", "tsx", "bench/demo/main.ts", "--json", json];
  const child = spawn(process.execPath, args, {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  child.stderr.on("data", (piece: Buffer) => pieces.push(piece));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, text: Buffer.concat(pieces).toString() }));
  });
}

test("npm run demo plays its three acts and ends with 0: nothing disturbed, doubled, lost or moved for nothing", async () => {
  const directory = mkdtempSync(join(tmpdir(), "quorate-demo-"));
  try {
    const json = join(directory, "demo.json");
    const { code, text } = await play(json);
    expect(code, text).toBe(0);
    const told = JSON.parse(readFileSync(json, "utf8")) as {
      readonly joined: { readonly moved: number; readonly minimum: number };
      readonly maxMinusMin: number;
    };
    expect(told).toMatchObject({
      servers: 3,
      jobs: 12,
      serverKilled: { pidsChanged: 0 },
      hostLost: { jobs: 4, collateralRestarts: 0 },
      leaderHostLost: { jobs: 4, collateralRestarts: 0 },
      doubleRuns: 0,
      lost: 0,
    });
    expect(told.joined).toEqual({ moved: 3, minimum: 3 });
    expect(told.maxMinusMin).toBeLessThanOrEqual(1);
    for (const act of ["Act 1", "Act 2", "Act 3"]) expect(text).toContain(act);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
