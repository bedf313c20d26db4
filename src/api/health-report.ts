// What a server says about itself. Every room that knows something adds a source when it is made; a report is put
// together anew each time somebody asks. Nothing here waits, and nothing here needs a cluster: the report is wanted most
// when the server is no part of one.
import type { Clock, WallClock } from "../base/clock.ts";

export interface HealthFinding {
  /** `error`: act now; `warning`: act soon. */
  readonly severity: "error" | "warning";
  /** Stable, for scripts: the code of an error, or words-with-dashes. */
  readonly code: string;
  readonly what: string;
  readonly doThis: string;
}

/** Says what is wrong now; from memory, at once, and without throwing. */
export interface HealthSource {
  findings(): readonly HealthFinding[];
}

/**
 * `starting`: not a member yet. `quarantined`: its data was damaged and put aside, and the others have not made it a
 * member again.
 */
export type HealthCondition = "member" | "starting" | "quarantined";

export interface ChunkHealth {
  readonly held: number;
  /** Belong to something that is visible, and are not here. */
  readonly lacking: number;
  /** Found damaged since the start of the process. */
  readonly damaged: number;
  /** Of these, those that were fetched again. */
  readonly repaired: number;
}

export interface HealthFigures {
  /** Of the file system that holds the data directory; total 0 = not known. */
  readonly diskFreeBytes: number;
  readonly diskTotalBytes: number;
  readonly chunks: ChunkHealth;
  readonly logEntries: number;
}

export interface HealthReport extends HealthFigures {
  /** Empty until the data directory is open. */
  readonly serverId: string;
  /** Empty until it belongs to a cluster. */
  readonly clusterId: string;
  readonly version: string;
  readonly condition: HealthCondition;
  /** Errors first. */
  readonly findings: readonly HealthFinding[];
  readonly uptimeMs: number;
  readonly wallMs: number;
}

/** What the doors need. */
export interface HealthReporter {
  report(): HealthReport;
}

export interface ServerHealthModules {
  readonly clock: Pick<Clock, "nowMs">;
  readonly wallClock: WallClock;
  /** Undefined until the data directory is open. */
  readonly identity: () => { readonly serverId: string; readonly clusterId: string } | undefined;
  readonly condition: () => HealthCondition;
}

const unknownFigures: HealthFigures = {
  diskFreeBytes: 0,
  diskTotalBytes: 0,
  chunks: { held: 0, lacking: 0, damaged: 0, repaired: 0 },
  logEntries: 0,
};

const isError = ({ severity }: HealthFinding): boolean => severity === "error";

export class ServerHealth implements HealthReporter {
  readonly #version: string;
  readonly #modules: ServerHealthModules;
  readonly #startedAtMs: number;
  readonly #sources: HealthSource[] = [];
  readonly #gauges: (() => Partial<HealthFigures>)[] = [];

  constructor(options: { readonly version: string }, modules: ServerHealthModules) {
    this.#version = options.version;
    this.#modules = modules;
    this.#startedAtMs = modules.clock.nowMs();
  }

  addSource(source: HealthSource): void {
    this.#sources.push(source);
  }

  /** Of two that know the same figure the later one counts. */
  addFigures(gauge: () => Partial<HealthFigures>): void {
    this.#gauges.push(gauge);
  }

  report(): HealthReport {
    const { clock, wallClock, identity, condition } = this.#modules;
    const { serverId = "", clusterId = "" } = identity() ?? {};
    const found = this.#sources.flatMap((source) => source.findings());
    const figures = this.#gauges.reduce<HealthFigures>(
      (known, gauge) => ({ ...known, ...gauge() }),
      unknownFigures,
    );
    return {
      ...figures,
      serverId,
      clusterId,
      version: this.#version,
      condition: condition(),
      findings: [...found.filter(isError), ...found.filter((one) => !isError(one))],
      uptimeMs: Math.round(clock.nowMs() - this.#startedAtMs),
      wallMs: Math.floor(wallClock.wallMs()),
    };
  }
}
