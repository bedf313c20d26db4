// The image with a real engine: docker/test-image.sh builds it, forms a cluster of three containers, kills one
// and reads its key on another. QUORATE_TEST_DOCKER=1 demands an engine instead of skipping without one.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { needFor } from "../support/needs.ts";

const script = join(import.meta.dirname, "../../docker/test-image.sh");
/** A base image made with debootstrap and a build inside the image take minutes on a small machine. */
const testMs = 15 * 60_000;

const engineAnswers = (): boolean =>
  spawnSync("docker", ["info"], { stdio: "ignore" }).status === 0;
const engine = needFor(
  ["a Docker engine"],
  () => process.env["QUORATE_TEST_DOCKER"] === "1" || engineAnswers(),
);

test.skipIf(engine.skip)(
  engine.title(
    "three containers of the image form a cluster that survives the loss of one and of all",
  ),
  { timeout: testMs },
  () => {
    const run = spawnSync("bash", [script], { encoding: "utf8", timeout: testMs });
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
    expect(run.stdout).toMatch(/the image works\n$/);
  },
);
