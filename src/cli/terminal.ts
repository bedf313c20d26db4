// The two streams of a command: data on stdout, talk on stderr. Text from servers is shown, not obeyed: control
// characters in it never reach the terminal.
import type { Writable } from "node:stream";
import type { Settings } from "./settings.ts";

export type OutStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Of picocolors, what is used here. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

const plain = (text: string): string => text;
const noColours: Colours = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain };

/** Loaded only where colours are shown. */
export async function coloursFor(stream: OutStream, settings: Settings): Promise<Colours> {
  if (stream.isTTY !== true || !settings.isColourAllowed) return noColours;
  const { createColors } = (await import("picocolors")).default;
  return createColors(true);
}

const controlCharacters = /[\p{Cc}\u2028\u2029]+/gu;

/** One line of harmless text. */
export function shown(text: string): string {
  return text.replace(controlCharacters, " ");
}

/** Resolves when the stream took the bytes, so that a slow reader slows the writer. */
export function write(stream: OutStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
