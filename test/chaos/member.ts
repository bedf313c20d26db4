// One server of the run: a machine in its place, with what was done to it on purpose, so that whatever else happens to
// it counts against it.
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { descendants, signalAll } from "../../bench/lib/process-tree.ts";
import { until } from "../../bench/lib/wait.ts";

const serverPidMs = 20_000;

export class Member {
  readonly machine: Machine;
  /** Where it is in the network. */
  readonly slot: number;
  /** Its server process was killed so often. */
  kills = 0;
  /** When its server process stood still on purpose, Date.now(). */
  readonly pausedMs: { readonly from: number; to: number }[] = [];
  /** It is meant to be running. */
  isUp = false;
  /** It was taken out of the cluster for good. */
  isRetired = false;
  /** Exit codes other than 0 of ordered ends. */
  readonly badStops: (number | null)[] = [];
  #stopped: readonly number[] = [];

  constructor(machine: Machine, slot: number) {
    this.machine = machine;
    this.slot = slot;
  }

  get id(): string {
    return this.machine.id;
  }

  /** Nothing for a retired one: a fault may have been over later than the membership. */
  start(): void {
    if (this.isRetired) return;
    this.machine.start();
    this.isUp = true;
  }

  /** Waits for one: it may be between two lives. */
  async killServer(): Promise<void> {
    const pid = await until(
      `a server process of ${this.id}`,
      () => (this.isUp ? this.machine.serverPid() : 0),
      serverPidMs,
    );
    if (pid === 0) return;
    this.kills += 1;
    signalAll([pid], "SIGKILL");
  }

  async lose(): Promise<void> {
    this.isUp = false;
    await this.machine.lose();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  async stop(): Promise<void> {
    this.isUp = false;
    const code = await this.machine.stop();
    if (code !== 0) this.badStops.push(code);
  }

  /** The server process stands still, or with `whole` everything on the machine. */
  pause(whole: boolean): void {
    const server = this.machine.serverPid();
    const pids = whole
      ? [this.machine.pid, ...descendants(this.machine.pid)]
      : server === undefined
        ? []
        : [server];
    signalAll(pids, "SIGSTOP");
    this.#stopped = pids;
    this.pausedMs.push({ from: Date.now(), to: Infinity });
  }

  resume(): void {
    signalAll(this.#stopped, "SIGCONT");
    this.#stopped = [];
    const last = this.pausedMs.at(-1);
    if (last !== undefined) last.to = Math.min(last.to, Date.now());
  }
}
