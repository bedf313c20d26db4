// What no compiler and no linter looks at: names, links, unfinished business. Each checker takes text or
// paths and gives findings, so that a test can feed it a violation.
import { posix } from "node:path";

const unfinished = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"];
const unfinishedPattern = new RegExp(`\\b(${unfinished.join("|")})\\b`);

function linesMatching(text: string, pattern: RegExp): string[] {
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => pattern.test(line))
    .map(({ line, number }) => `${number}: ${line.trim()}`);
}

/** Marks of unfinished work: an issue is the place for them. */
export const unfinishedMarks = (text: string): string[] => linesMatching(text, unfinishedPattern);

/** Tests that keep the others of their file from running. */
export const focusedTests = (text: string): string[] =>
  linesMatching(text, /\b(?:test|it|describe|suite)(?:\.\w+)*\.only\b|\bf(?:it|describe)\(/);

const vagueNames = ["util", "utils", "helper", "helpers", "common", "misc", "shared"];

/** Paths of source files that are not kebab-case, or named after nothing. */
export function badNames(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    const names = path.split("/");
    const words = names.map((name) => name.replace(/(\.test)?\.ts$/, ""));
    return words.some(
      (word) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(word) || vagueNames.includes(word),
    );
  });
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^(```|~~~)[^]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");
}

/** The anchors of a page's headings, as code hosts make them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of markdown
    .replace(/^(```|~~~)[^]*?^\1/gm, "")
    .matchAll(/^#{1,6} +(.+)$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = text
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    let anchor = slug;
    for (let twin = 1; anchors.has(anchor); twin += 1) anchor = `${slug}-${twin}`;
    anchors.add(anchor);
  }
  return anchors;
}

export interface Pages {
  /** True if a file or folder is there; paths are relative to the repository. */
  exists(path: string): boolean;
  /** The text of a Markdown page. */
  read(path: string): string;
}

/** Relative links of a page that lead nowhere, by file or by heading. */
export function brokenLinks(page: string, pages: Pages): string[] {
  const text = withoutCode(pages.read(page));
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]:\s+<?(\S+?)>?\s*$/gm)];
  const targets = [...inline, ...references].map(([, target = ""]) => target);
  return targets.filter((target) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return false;
    const [file = "", anchor] = target.split("#", 2);
    const path =
      file === "" ? page : posix.normalize(posix.join(posix.dirname(page), decodeURI(file)));
    if (path.startsWith("..") || !pages.exists(path)) return true;
    if (anchor === undefined || !path.endsWith(".md")) return false;
    return !anchorsOf(pages.read(path)).has(anchor);
  });
}
