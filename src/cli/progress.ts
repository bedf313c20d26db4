// A bar with a rate, on stderr, for people only.
import type { CliContext } from "./context.ts";
import { sizeText } from "./duration.ts";
import { shown } from "./terminal.ts";

export interface Progress {
  readonly update: (doneBytes: number) => void;
  readonly stop: () => void;
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

const percent = (doneBytes: number, totalBytes: number): string =>
  `${String(totalBytes === 0 ? 100 : Math.floor((doneBytes / totalBytes) * 100))} %`;

/** The line of the bar. */
export function progressText(
  {
    label,
    doneBytes,
    totalBytes,
  }: { readonly label: string; readonly doneBytes: number; readonly totalBytes: number },
  elapsedMs: number,
): string {
  const rate = sizeText((doneBytes / Math.max(1, elapsedMs)) * 1000);
  return `${shown(label)}  ${percent(doneBytes, totalBytes)}  ${sizeText(doneBytes)} of ${sizeText(totalBytes)}  ${rate}/s`;
}

export async function progressOf(
  context: CliContext,
  { label, totalBytes }: { readonly label: string; readonly totalBytes: number },
): Promise<Progress> {
  if (context.isJson || context.stderr.isTTY !== true) return silent;
  const { SingleBar } = (await import("cli-progress")).default;
  const startMs = Date.now();
  const bar = new SingleBar({
    stream: context.stderr,
    // An interrupt ends the program, not only the bar; so the cursor must never be hidden.
    gracefulExit: false,
    hideCursor: false,
    clearOnComplete: true,
    barsize: 30,
    format: (options, params) => {
      const full = Math.round(params.progress * (options.barsize ?? 0));
      const drawn = "#".repeat(full) + ".".repeat((options.barsize ?? 0) - full);
      const text = progressText(
        { label, doneBytes: params.value, totalBytes },
        Date.now() - startMs,
      );
      return `[${drawn}] ${text}`;
    },
  });
  bar.start(totalBytes, 0);
  return { update: (doneBytes) => bar.update(doneBytes), stop: () => bar.stop() };
}
