import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogReader } from "../../../../src/runner/logs.ts";
import {
  jobLogDirectory,
  logFiles,
  openLog,
  rotateLog,
} from "../../../../src/runner/sentinel/log.ts";

let data: string;
let reader: LogReader;
const limits = { fileBytesMax: 100, filesMax: 2 };

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "quorate-log-"));
  reader = new LogReader({ dataDirectory: data });
});
afterEach(() => rm(data, { recursive: true }));

const textOf = (part: { readonly bytes: Uint8Array }): string => Buffer.from(part.bytes).toString();

test("the writer never reopens, positions go on across rotations, old files are removed", async () => {
  const directory = jobLogDirectory(data, "j1");
  const log = await openLog(directory);
  let written = "";
  for (let line = 0; line < 60; line += 1) {
    const text = `line ${String(line).padStart(4, "0")}\n`;
    await log.write(text);
    written += text;
    await rotateLog(directory, limits);
  }
  await log.close();
  const files = await logFiles(directory);
  expect(files).toHaveLength(3);
  expect(files.every((file) => file.sizeBytes <= 110)).toBe(true);
  const part = await reader.read("j1", { offset: 0 });
  expect(part.offset).toBe(files[0]?.start);
  expect(part.endOffset).toBe(written.length);
  expect(textOf(part)).toBe(written.slice(part.offset));
});

test("a file that is not full is left alone", async () => {
  const directory = jobLogDirectory(data, "j1");
  const log = await openLog(directory);
  await log.write("short\n");
  expect(await rotateLog(directory, limits)).toBe(false);
  await log.close();
  expect(await readdir(directory)).toEqual(["output.log"]);
});

test("following: each answer goes on where the last one ended", async () => {
  const log = await openLog(jobLogDirectory(data, "j1"));
  await log.write("one\ntwo\n");
  const first = await reader.read("j1", { offset: 0, bytesMax: 5 });
  const second = await reader.read("j1", { offset: first.nextOffset });
  expect(textOf(first) + textOf(second)).toBe("one\ntwo\n");
  expect(textOf(await reader.read("j1", { offset: second.nextOffset }))).toBe("");
  await log.write("three\n");
  await log.close();
  expect(textOf(await reader.read("j1", { offset: second.nextOffset }))).toBe("three\n");
});

test("the last lines, whole ones", async () => {
  const log = await openLog(jobLogDirectory(data, "j1"));
  await log.write("a\nb\nc\nd");
  expect(textOf(await reader.tail("j1", 2))).toBe("c\nd");
  expect(textOf(await reader.tail("j1", 99))).toBe("a\nb\nc\nd");
  await log.write(`\n${"x".repeat(300_000)}\nend\n`);
  await log.close();
  expect(textOf(await reader.tail("j1", 1))).toBe("end\n");
  const cut = await reader.tail("j1", 5);
  expect(textOf(cut)).toBe("end\n");
  expect(cut.nextOffset).toBe(cut.endOffset);
});

test("a job that never ran here, or a name that is a path, is not found", async () => {
  await expect(reader.tail("j9")).rejects.toMatchObject({ code: "QUORATE_RUNNER_NO_LOG" });
  await expect(reader.tail("../j9")).rejects.toMatchObject({ code: "QUORATE_RUNNER_NO_LOG" });
});
