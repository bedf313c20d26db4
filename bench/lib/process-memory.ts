// Memory of server processes as the kernel counts it (/proc/PID/status, Linux). The kernel keeps the peak itself, so a
// sample that is taken before the process ends misses nothing; sampling is for progress and for processes that die.
import { readFileSync } from "node:fs";
import type { Machine } from "./local-cluster.ts";

export interface ProcessMemory {
  /** Resident now. */
  readonly rssBytes: number;
  /** Most that was ever resident in this process. */
  readonly peakBytes: number;
}

const sampleMs = 500;
const kibibyte = 1024;

function field(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+([0-9]+) kB$`, "m").exec(text)?.[1];
  return found === undefined ? undefined : Number(found) * kibibyte;
}

/** From the text of /proc/PID/status; undefined for a process that has no memory any more (a zombie). */
export function memoryOf(text: string): ProcessMemory | undefined {
  const rssBytes = field(text, "VmRSS");
  const peakBytes = field(text, "VmHWM");
  return rssBytes === undefined || peakBytes === undefined ? undefined : { rssBytes, peakBytes };
}

/** Of the server process below a machine's sentinel. */
interface Watched {
  readonly machine: Machine;
  pid: number | undefined;
  now: ProcessMemory;
  /** Largest of all server processes that this machine has had. */
  peakBytes: number;
  /** Server processes seen. */
  processes: number;
}

/** Undefined when it has ended: the next look finds its successor. */
function read(pid: number): ProcessMemory | undefined {
  try {
    return memoryOf(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

export class MemoryWatch {
  readonly #watched: readonly Watched[];
  #timer: NodeJS.Timeout | undefined;

  constructor(machines: readonly Machine[]) {
    this.#watched = machines.map((machine) => ({
      machine,
      pid: undefined,
      now: { rssBytes: 0, peakBytes: 0 },
      peakBytes: 0,
      processes: 0,
    }));
  }

  start(): void {
    this.sample();
    this.#timer = setInterval(() => {
      this.sample();
    }, sampleMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A look now; the last one before a process ends has its peak. */
  sample(): void {
    for (const watched of this.#watched) {
      const memory = watched.pid === undefined ? undefined : read(watched.pid);
      if (memory === undefined) this.#find(watched);
      else this.#note(watched, memory);
    }
  }

  /** Server id → what its server process holds. */
  now(): Readonly<Record<string, ProcessMemory>> {
    return Object.fromEntries(this.#watched.map(({ machine, now }) => [machine.id, now]));
  }

  /** Server id → most that any of its server processes has held. */
  peaks(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.#watched.map(({ machine, peakBytes }) => [machine.id, peakBytes]),
    );
  }

  /** Server processes that were not the first of their machine. */
  get successors(): number {
    return this.#watched.reduce((sum, { processes }) => sum + Math.max(0, processes - 1), 0);
  }

  #find(watched: Watched): void {
    const pid = watched.machine.serverPid();
    if (pid !== undefined && pid !== watched.pid) watched.processes += 1;
    watched.pid = pid;
    const memory = pid === undefined ? undefined : read(pid);
    if (memory !== undefined) this.#note(watched, memory);
  }

  #note(watched: Watched, memory: ProcessMemory): void {
    watched.now = memory;
    watched.peakBytes = Math.max(watched.peakBytes, memory.peakBytes);
  }
}
