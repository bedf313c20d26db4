// The servers of a run: so many founders, and one place more than servers, for the one that comes next.
import { Machine, type MachinePorts } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import { Member } from "./member.ts";

/** Where one machine can be. */
export interface Place {
  readonly host: string;
  readonly ports: MachinePorts;
  readonly launcher: readonly string[];
}

export interface ChaosClusterOptions {
  readonly directory: string;
  readonly servers: number;
  /** One for each server and one more. */
  readonly places: readonly Place[];
}

const readyMs = 60_000;

export class ChaosCluster {
  readonly #options: ChaosClusterOptions;
  /** Everybody who ever was one. */
  readonly all: Member[] = [];
  #members: readonly Member[] = [];

  constructor(options: ChaosClusterOptions) {
    this.#options = options;
  }

  /** Those that have not been removed, a joining one included. */
  get members(): readonly Member[] {
    return this.#members;
  }

  /** gRPC doors of all places. */
  get addresses(): readonly string[] {
    return this.#options.places.map(({ host, ports }) => `${host}:${ports.grpc}`);
  }

  get servers(): number {
    return this.#options.servers;
  }

  async start(): Promise<void> {
    const { servers } = this.#options;
    for (let slot = 0; slot < servers; slot += 1) {
      this.#add(slot, ["--expect", String(servers)]).start();
    }
    await Promise.all(
      this.#members.map(({ id, machine }) =>
        until(`${id} ready`, async () => ((await machine.isReady()) ? true : undefined), readyMs),
      ),
    );
  }

  freeSlot(): number | undefined {
    const slot = this.#options.places.findIndex(
      (_, at) => !this.#members.some((member) => member.slot === at),
    );
    return slot < 0 ? undefined : slot;
  }

  /** A new server that waits to be added. */
  join(slot: number): Member {
    const member = this.#add(slot, ["--await-add"]);
    member.start();
    return member;
  }

  /** It is no member any more; its place is free. */
  async retire(member: Member): Promise<void> {
    member.isRetired = true;
    if (member.machine.isRunning()) await member.lose();
    member.isUp = false;
    this.#members = this.#members.filter((other) => other !== member);
  }

  member(id: string): Member | undefined {
    return this.#members.find((member) => member.id === id);
  }

  async destroy(): Promise<void> {
    const running = this.all.filter(({ machine }) => machine.isRunning());
    await Promise.all(running.map((member) => member.lose()));
  }

  #add(slot: number, flags: readonly string[]): Member {
    const { directory, places, servers } = this.#options;
    const place = places[slot]!;
    const founders = places.slice(0, servers).map(({ host, ports }) => `${host}:${ports.peer}`);
    const machine = new Machine({
      ...place,
      id: `s${this.all.length + 1}`,
      directory,
      flags: ["--host", place.host, "--insecure", "--join", founders.join(","), ...flags],
      env: {},
    });
    const member = new Member(machine, slot);
    this.all.push(member);
    this.#members = [...this.#members, member];
    return member;
  }
}
