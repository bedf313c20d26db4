// Tables without lines: columns set apart by two spaces, one row per line, nothing after the last word, so that grep
// and awk read them as people do.
import type { TableConstructorOptions } from "cli-table3";
import { shown } from "./terminal.ts";

const noLines = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
  "left",
  "left-mid",
  "mid",
  "mid-mid",
  "right",
  "right-mid",
] as const;
const columnGap = "  ";

export type Cell = string | number | boolean;

export interface TableSource {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns of numbers, from 0. */
  readonly right?: readonly number[];
}

export interface TableStyle {
  readonly hasHeaders: boolean;
  /** Applied to the heading, after the widths are known. */
  readonly heading: (line: string) => string;
}

const cellText = (cell: Cell): string => {
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  const text = shown(String(cell));
  return text === "" ? "-" : text;
};

export async function tableText(source: TableSource, style: TableStyle): Promise<string> {
  const { default: Table } = await import("cli-table3");
  const { head, rows, right = [] } = source;
  const options: TableConstructorOptions = {
    chars: { ...Object.fromEntries(noLines.map((name) => [name, ""])), middle: columnGap },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: head.map((_, column) => (right.includes(column) ? "right" : "left")),
  };
  const table = new Table(options);
  if (style.hasHeaders) table.push([...head]);
  table.push(...rows.map((row) => row.map(cellText)));
  if (table.length === 0) return "";
  const lines = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  if (style.hasHeaders) lines[0] = style.heading(lines[0] ?? "");
  return `${lines.join("\n")}\n`;
}
