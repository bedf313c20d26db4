import { describe, expect, test } from "vitest";
import { documentText, utf8Text } from "../../../src/cli/document.ts";
import { duration, sizeText, timeText } from "../../../src/cli/duration.ts";
import { pairs, resourceName, resourceRef, shellWord } from "../../../src/cli/names.ts";
import { progressText } from "../../../src/cli/progress.ts";
import { kindOf } from "../../../src/cli/push-file.ts";

describe("documents", () => {
  test("bytes are base64, at any depth", () => {
    const text = documentText({
      a: [{ b: Buffer.from("hi"), c: null, d: 1 }],
      e: new Uint8Array(1),
    });
    expect(JSON.parse(text)).toEqual({ a: [{ b: "aGk=", c: null, d: 1 }], e: "AA==" });
  });

  test("text is text only in UTF-8", () => {
    expect(utf8Text(Buffer.from("\ufeffZoë"))).toBe("\ufeffZoë");
    expect(utf8Text(Buffer.from([0xff, 0xfe]))).toBeUndefined();
  });
});

describe("names", () => {
  test("a namespace is before the slash, a version behind the last @", () => {
    expect(resourceName("a")).toEqual({ namespace: "default", name: "a" });
    expect(resourceName("ns/a")).toEqual({ namespace: "ns", name: "a" });
    expect(resourceRef("ns/a.jar@3")).toEqual({ namespace: "ns", name: "a.jar", version: "3" });
    expect(resourceRef("a")).toMatchObject({ version: "latest" });
    expect(resourceRef("a@sha256:00")).toMatchObject({ name: "a", version: "sha256:00" });
  });

  test("pairs are cut at the first =", () => {
    expect(pairs("--env", ["A=1", "B=x=y", "C="])).toEqual({ A: "1", B: "x=y", C: "" });
    expect(() => pairs("--env", ["=x"])).toThrow(/--env is "=x"/);
    expect(() => pairs("--env", ["x"])).toThrow(/NAME=VALUE/);
  });

  test("a word for a shell is quoted only when it must be", () => {
    expect(shellWord("config/a-b_c.1")).toBe("config/a-b_c.1");
    expect(shellWord("it's a $key")).toBe("'it'\\''s a $key'");
    expect(shellWord("")).toBe("''");
  });

  test("a file's kind is told by its ending", () => {
    const kinds = ["a.jar", "A.JAR", "b.tar.gz", "b.tgz", "c.zip", "d.py", "jar"].map(kindOf);
    expect(kinds).toEqual(["jar", "jar", "archive", "archive", "archive", "file", "file"]);
  });
});

describe("figures", () => {
  test("durations have two units", () => {
    const second = 1000;
    const hour = 3600 * second;
    expect(
      [0, 59 * second, 61 * second, 2 * hour + 5 * 60 * second, 76 * hour].map(duration),
    ).toEqual(["0s", "59s", "1m1s", "2h5m", "3d4h"]);
  });

  test("sizes and times", () => {
    expect([0, 1023, 1024, 1_572_864, 5 * 1024 ** 4, 5000 * 1024 ** 4].map(sizeText)).toEqual([
      "0 B",
      "1023 B",
      "1.0 KiB",
      "1.5 MiB",
      "5.0 TiB",
      "5000.0 TiB",
    ]);
    expect(timeText(0)).toBe("");
    expect(timeText(1_790_000_000_123)).toBe("2026-09-21T14:13:20Z");
  });

  test("progress has percent, amounts and rate, also of nothing", () => {
    const half = { label: "a", doneBytes: 1024, totalBytes: 2048 };
    expect(progressText(half, 500)).toBe("a  50 %  1.0 KiB of 2.0 KiB  2.0 KiB/s");
    const nothing = { label: "a", doneBytes: 0, totalBytes: 0 };
    expect(progressText(nothing, 0)).toBe("a  100 %  0 B of 0 B  0 B/s");
  });
});
