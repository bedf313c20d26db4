import { mkdir, readdir, readlink, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withView } from "../../../../src/storage/offline/view.ts";
import { codeOf, temporaryDirectory } from "../../../conformance/storage/harness.ts";

let directory: string;
const of = { name: "log" };
beforeEach(async () => {
  directory = await temporaryDirectory();
  await mkdir(join(directory, "log"));
  for (const name of ["000005.ldb", "000004.sst", "CURRENT", "MANIFEST-000002", "000006.log"]) {
    await writeFile(join(directory, "log", name), name);
  }
  await writeFile(join(directory, "log", "LOCK"), "");
  await writeFile(join(directory, "log", "LOG.old"), "");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("tables are links, what LevelDB changes are copies, the rest is not there", async () => {
  await withView({ directory, ...of }, async (view = "") => {
    expect((await readdir(view)).sort()).toEqual([
      "000004.sst",
      "000005.ldb",
      "000006.log",
      "CURRENT",
      "MANIFEST-000002",
    ]);
    expect(await readlink(join(view, "000005.ldb"))).toBe(join(directory, "log", "000005.ldb"));
    await expect(readlink(join(view, "CURRENT"))).rejects.toMatchObject({ code: "EINVAL" });
  });
});

test("it goes, also after an error; and what it pointed to stays", async () => {
  let root = "";
  const work = withView({ directory, ...of }, (view = "") => {
    root = dirname(view);
    return Promise.reject(new Error("work"));
  });
  await expect(work).rejects.toThrow("work");
  await expect(stat(root)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readdir(join(directory, "log"))).toHaveLength(7);
});

test("no database, no view; a file is none", async () => {
  expect(await withView({ directory, name: "chunks" }, (view) => Promise.resolve(view))).toBe(
    undefined,
  );
  await writeFile(join(directory, "file"), "");
  const open = (): unknown =>
    withView({ directory, name: "file" }, (view) => Promise.resolve(view));
  expect(await codeOf(open)).toBe("QUORATE_STORAGE_OPEN_FAILED");
});
