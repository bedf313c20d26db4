// Senders that break off leave nothing behind in the process of the server.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("unread-body-program.ts", import.meta.url));
/** Far below the ten minutes for which a refused body is read. */
const endMs = 40_000;

test(
  "a program that embeds a server ends after its stop, although uploads were broken off",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "quorate-unread-"));
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", program, directory],
        { timeout: endMs, killSignal: "SIGKILL" },
      );
      expect(stdout).toMatch(/^stopped 0$/m);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
  endMs + 5000,
);
