import { minute, second } from "../base/units.ts";

const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  [day, "d", hour, "h"],
  [hour, "h", minute, "m"],
  [minute, "m", second, "s"],
] as const;

/** `3d4h`, `5m10s`, `42s`: two units are enough to judge an uptime. */
export function duration(ms: number): string {
  for (const [large, largeName, small, smallName] of steps) {
    if (ms >= large) {
      return `${String(Math.floor(ms / large))}${largeName}${String(Math.floor((ms % large) / small))}${smallName}`;
    }
  }
  return `${String(Math.floor(ms / second))}s`;
}

/** `2026-11-22T10:00:00Z`; nothing for 0. */
export function timeText(ms: number): string {
  return ms === 0 ? "" : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** `1 finding`, `2 findings`. */
export function countText(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const sizes = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `98.4 MiB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < sizes.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 ? String(value) : value.toFixed(1)} ${sizes[at] ?? ""}`;
}
