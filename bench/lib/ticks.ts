// What the jobs themselves say: (job, epoch, server, pid, monotonic time) every 10 ms, over TCP to this collector.
// All processes of one machine share CLOCK_MONOTONIC, so times of different jobs compare. Ticks are folded into
// runs as they come: memory grows with the number of runs, not with time.
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** One life of one process of a job. Times in milliseconds of this machine's monotonic clock. */
export interface JobRun {
  readonly job: string;
  readonly epoch: number;
  readonly server: string;
  readonly pid: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly ticks: number;
  /** Longest time between two ticks of this run. */
  readonly longestGapMs: number;
}

type OpenRun = { -readonly [K in keyof JobRun]: JobRun[K] };

/** Now, on the clock that the ticks use. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

export class TickCollector {
  readonly #runs = new Map<string, OpenRun>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #address = "";

  /** host:port for `TICK_ADDRESS`. */
  get address(): string {
    return this.#address;
  }

  async start(): Promise<void> {
    const server = createServer((socket) => {
      this.#accept(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (typeof address === "object" && address !== null) {
      this.#address = `127.0.0.1:${String(address.port)}`;
    }
    this.#server = server;
  }

  /** All runs seen so far, in order of their first tick. */
  runs(): readonly JobRun[] {
    return [...this.#runs.values()]
      .map((run) => ({ ...run }))
      .sort((a, b) => a.firstMs - b.firstMs);
  }

  /** Runs of one job that ticked within the last `withinMs`. */
  living(job: string, withinMs = 200): readonly JobRun[] {
    const since = monotonicMs() - withinMs;
    return this.runs().filter((run) => run.job === job && run.lastMs >= since);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise<void>((resolve) =>
      server.close(() => {
        resolve();
      }),
    );
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    // A killed job resets its connection; its ticks are in already.
    socket.on("error", () => {
      socket.destroy();
    });
    socket.on("close", () => {
      this.#sockets.delete(socket);
    });
    createInterface({ input: socket }).on("line", (line) => {
      this.#tick(line);
    });
  }

  #tick(line: string): void {
    const [job, epoch, server, pid, nanos] = line.split(" ");
    if (job === undefined || nanos === undefined || !/^[0-9]+$/.test(nanos)) return;
    const atMs = Number(BigInt(nanos) / 1000n) / 1000;
    const key = `${job} ${epoch ?? ""} ${pid ?? ""}`;
    const run = this.#runs.get(key);
    if (run === undefined) {
      const first = { firstMs: atMs, lastMs: atMs, ticks: 1, longestGapMs: 0 };
      this.#runs.set(key, {
        job,
        epoch: Number(epoch),
        server: server ?? "",
        pid: Number(pid),
        ...first,
      });
      return;
    }
    run.longestGapMs = Math.max(run.longestGapMs, atMs - run.lastMs);
    run.lastMs = Math.max(run.lastMs, atMs);
    run.ticks += 1;
  }
}
