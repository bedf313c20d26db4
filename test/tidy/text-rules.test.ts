import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  anchorsOf,
  badNames,
  brokenLinks,
  focusedTests,
  type Pages,
  unfinishedMarks,
} from "./text-rules.ts";

const repository = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(repository, path), "utf8");

function filesBelow(folder: string): string[] {
  if (!existsSync(join(repository, folder))) return [];
  return readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => !/(^|\/)(node_modules|gen|fixtures|vectors)(\/|$)/.test(path))
    .map((path) => `${folder}/${path}`)
    .filter((path) => statSync(join(repository, path)).isFile());
}

const sources = ["src", "test", "bench"].flatMap(filesBelow).filter((path) => path.endsWith(".ts"));
const pages = [
  ...readdirSync(repository),
  ...["docs", "bench", "test", "docker", "proto"].flatMap(filesBelow),
].filter((path) => path.endsWith(".md"));
const configurations = ["docker", "proto", ".ci"]
  .flatMap(filesBelow)
  .filter((path) => !pages.includes(path));
const onDisk: Pages = { exists: (path) => existsSync(join(repository, path)), read };

function findings(paths: readonly string[], check: (text: string) => readonly string[]): string[] {
  return paths.flatMap((path) => check(read(path)).map((finding) => `${path}:${finding}`));
}

describe("the repository", () => {
  test("has sources and pages to look at", () => {
    expect(sources.length).toBeGreaterThan(10);
    expect(pages.length).toBeGreaterThan(0);
  });

  test("has no marks of unfinished work", () => {
    expect(findings([...sources, ...pages, ...configurations], unfinishedMarks)).toEqual([]);
  });

  test("has no focused tests", () => {
    const tests = sources.filter(
      (path) => path.startsWith("test/") && !path.startsWith("test/tidy/text-rules"),
    );
    expect(findings(tests, focusedTests)).toEqual([]);
  });

  test("names its files in kebab-case, and after something", () => {
    expect(badNames(sources)).toEqual([]);
  });

  test("has no link that leads nowhere", () => {
    const broken = pages.flatMap((page) =>
      brokenLinks(page, onDisk).map((link) => `${page} → ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

describe("the checkers", () => {
  test("find unfinished work", () => {
    const mark = ["TO", "DO"].join("");
    expect(unfinishedMarks(`fine\n// ${mark}: later\n`)).toEqual([`2: // ${mark}: later`]);
    expect(unfinishedMarks("a method, a mastodon, a todos table")).toEqual([]);
  });

  test("find focused tests", () => {
    const text = `test.only("x", f);\ndescribe.concurrent.only("y", f);\ntest("only z", f);\n`;
    expect(focusedTests(text)).toHaveLength(2);
  });

  test("find bad names", () => {
    const good = "src/raft/log-view.ts";
    const bad = ["src/raft/logView.ts", "src/utils/bytes.ts", "test/unit/raft/Quorum.test.ts"];
    expect(badNames([good, ...bad])).toEqual(bad);
  });

  test("find broken links, by file and by heading", () => {
    const texts: Readonly<Record<string, string>> = {
      "docs/a.md": [
        "# Top",
        "[good](b.md) [good](b.md#two-words) [good](#top) [good](https://example.org/x.md) `[code](no.md)`",
        "[bad](c.md) [bad](b.md#three) [bad](../../outside.md)",
        "[bad]: nowhere.md",
      ].join("\n"),
      "docs/b.md": "## Two words\n",
    };
    const planted: Pages = { exists: (path) => path in texts, read: (path) => texts[path] ?? "" };
    const expected = ["c.md", "b.md#three", "../../outside.md", "nowhere.md"];
    expect(brokenLinks("docs/a.md", planted)).toEqual(expected);
  });

  test("know the anchors of headings", () => {
    const page = "# The `npm test` command\n## Why?\n## Why?\n```\n# not a heading\n```\n";
    expect([...anchorsOf(page)]).toEqual(["the-npm-test-command", "why", "why-1"]);
  });
});
