import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeDirectory } from "../../../../src/server/system/make-directory.ts";
import { needs } from "../../../support/needs.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "quorate-make-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const refused = { code: "QUORATE_STORAGE_OPEN_FAILED" };

test("a directory is made with its parents, for this user alone", async () => {
  const path = join(root, "a", "b", "c");
  await makeDirectory(path);
  for (const each of [path, join(root, "a")]) expect(statSync(each).mode & 0o777).toBe(0o700);
});

test("what is there already is left as it is, also behind a link", async () => {
  mkdirSync(join(root, "there"), { mode: 0o755 });
  symlinkSync(join(root, "there"), join(root, "link"));
  for (const name of ["there", "link"]) await makeDirectory(join(root, name));
  expect(statSync(join(root, "there")).mode & 0o777).toBe(0o755);
  await makeDirectory("/");
});

test("a file, and what would lie below one, is refused", async () => {
  writeFileSync(join(root, "file"), "x");
  for (const path of ["file", "file/x", "file/x/y"]) {
    await expect(makeDirectory(join(root, path))).rejects.toMatchObject(refused);
  }
});

test("a link to nowhere is refused", async () => {
  symlinkSync(join(root, "nowhere"), join(root, "link"));
  await expect(makeDirectory(join(root, "link"))).rejects.toMatchObject(refused);
});

// node's own recursive mkdir never comes back from here.
const linux = needs("linux");
test.skipIf(linux.skip)(linux.title("a place where nothing can be made is refused"), async () => {
  for (const path of ["/proc/quorate-test", "/proc/quorate-test/x/y"]) {
    await expect(makeDirectory(path)).rejects.toMatchObject({
      ...refused,
      fields: { directory: path },
    });
  }
});
