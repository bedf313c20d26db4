// What a server's own log says against it. Whatever ended a server process must have been this run: a process that gave
// up (fail-stop), hung or crashed is a failure, however well the others covered for it.
import type { LogLine } from "./log-lines.ts";
import type { Member } from "./member.ts";

/** What this run did to the server. */
export type Deeds = Pick<Member, "id" | "kills" | "pausedMs" | "badStops">;

const endedMessage = "server process ended; starting it again";
const hangMessage = "server process hangs: killed";
const fatalMessages = [
  "server cannot go on",
  "the replica failed and stops",
  "cannot start",
  "server process refused to start",
  "stop failed",
  "stop took too long",
  "the planner failed",
  "call handler failed",
  "a watch listener failed",
  "a leader listener failed",
];
/** What the sentinel tells of a process that was ended by a signal. */
const bySignal = 128;
/** A process that stood still this long ago may still be taken for hung. */
const afterPauseMs = 10_000;

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** One sentence for each thing that must not have happened. */
export function failuresIn(lines: readonly LogLine[], deeds: Deeds): string[] {
  const { id, kills, pausedMs, badStops } = deeds;
  const wasPaused = (timeMs: number): boolean =>
    pausedMs.some(({ from, to }) => timeMs >= from && timeMs <= to + afterPauseMs);
  const hangs = lines.filter(({ msg }) => msg === hangMessage);
  const ends = lines.filter(({ msg }) => msg === endedMessage);
  const ownEnds = ends.filter(({ exitCode }) => exitCode !== bySignal);
  const signalled = ends.length - ownEnds.length;
  const unexplained = Math.max(0, signalled - kills - hangs.length);
  return [
    ...lines
      .filter(({ level, msg }) => level === "error" && fatalMessages.includes(msg))
      .map(({ msg, code, error }) => `${id}: ${msg}: ${String(code)} ${textOf(error)}`),
    ...ownEnds.map(
      ({ exitCode }) => `${id}: the server process ended by itself, code ${String(exitCode)}`,
    ),
    ...(unexplained > 0
      ? [`${id}: ${unexplained} ends by a signal that this run did not send`]
      : []),
    ...hangs
      .filter(({ timeMs }) => !wasPaused(timeMs))
      .map(() => `${id}: the server process hung and was killed by its sentinel`),
    ...badStops.map((code) => `${id}: an ordered stop ended with code ${String(code)}`),
  ];
}

export const electionsWon = (lines: readonly LogLine[]): number =>
  lines.filter(({ msg, role }) => msg === "changed role or term" && role === "leader").length;
