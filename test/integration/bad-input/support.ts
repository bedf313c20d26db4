// Three whole servers with their logs, and what must be the same after every kind of bad input: what was written before
// and during it is there, on every server, nobody had to be elected, and memory stayed within a bound.
import { type ClientDuplexStream, Metadata, type StatusObject } from "@grpc/grpc-js";
import { expect } from "vitest";
import type { QuorateError } from "../../../src/base/errors.ts";
import type { LogFields, Logger } from "../../../src/base/logger.ts";
import type { PeerId } from "../../../src/base/numbers.ts";
import { MiB } from "../../../src/base/units.ts";
import type { QuorateServer } from "../../../src/server/server.ts";
import type { PeerIdentity, TransportStats } from "../../../src/transport/contract.ts";
import { newClient } from "../../../src/transport/grpc/channel.ts";
import { identityMetadata } from "../../../src/transport/grpc/identity.ts";
import { asIs } from "../../../src/transport/grpc/service.ts";
import { fromStatus } from "../../../src/transport/grpc/status.ts";
import { freePorts, isReady, Place, until } from "../server/support.ts";

/** All three servers, their clients and the test share one process; nothing here may cost it more than that. */
const growthBytesMax: number = 256 * MiB;

const by = { actor: "test", deadlineMs: 10_000 };

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: LogFields;
  readonly message: string;
}

export function collectingLogger(lines: LogLine[], bound: LogFields = {}): Logger {
  const at =
    (level: LogLine["level"]) =>
    (fields: LogFields, message: string): void => {
      lines.push({ level, fields: { ...bound, ...fields }, message });
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => collectingLogger(lines, { ...bound, ...fields }),
  };
}

export function warnings(lines: readonly LogLine[], code: string): readonly LogLine[] {
  return lines.filter(({ level, fields }) => level === "warn" && fields["code"] === code);
}

export interface Member {
  readonly name: string;
  readonly server: QuorateServer;
  readonly log: LogLine[];
}

export class Trio {
  readonly place = new Place();
  readonly members: Member[] = [];
  #termBefore = 0;
  #rssBefore = 0;
  readonly #written = new Map<string, string>();

  static async start(): Promise<Trio> {
    const trio = new Trio();
    const ports = await freePorts(3);
    const join = ports.map((port) => `127.0.0.1:${String(port)}`).join(",");
    for (const [i, port] of ports.entries()) {
      const name = `s${String(i + 1)}`;
      const log: LogLine[] = [];
      const argv = ["--id", name, "--peer-port", String(port), "--join", join];
      const server = await trio.place.make(name, argv, collectingLogger(log));
      trio.members.push({ name, server, log });
    }
    await Promise.all(trio.members.map(({ server }) => server.start()));
    for (const { server } of trio.members) await until("it is ready", () => isReady(server));
    return trio;
  }

  end(): Promise<void> {
    return this.place.end();
  }

  get leader(): Member {
    const leader = this.members.find(
      ({ server }) => server.services?.replica.status().role === "leader",
    );
    if (leader === undefined) throw new Error("nobody leads");
    return leader;
  }

  get followers(): Member[] {
    const { leader } = this;
    return this.members.filter((member) => member !== leader);
  }

  replicaOf({ server }: Member): NonNullable<QuorateServer["services"]>["replica"] {
    if (server.services === undefined) throw new Error("not a member");
    return server.services.replica;
  }

  identityOf(member: Member): PeerIdentity {
    const { server } = member;
    if (server.services === undefined) throw new Error("not a member");
    const { clusterId } = server.services.facts;
    return { clusterId, generation: 1, peerId: this.replicaOf(member).status().peerId };
  }

  async write(key: string, value: string): Promise<void> {
    const { services } = this.leader.server;
    const condition = { kind: "none" } as const;
    await services?.kv.put({ key, value: Buffer.from(value), condition }, by);
    this.#written.set(key, value);
  }

  /** To be called when all is well, before the bad input. */
  async before(): Promise<void> {
    await this.write("before", String(Math.random()));
    this.#termBefore = this.replicaOf(this.leader).status().term;
    this.#rssBefore = process.memoryUsage.rss();
  }

  /** `bad` comes in while something is written. */
  async during(bad: () => Promise<void>): Promise<void> {
    await this.before();
    await Promise.all([bad(), this.write("during", String(Math.random()))]);
    await this.expectUnharmed();
  }

  /** Nothing is lost, no election, bounded memory. */
  async expectUnharmed(
    members: readonly Member[] = this.members,
    growthMax = growthBytesMax,
  ): Promise<void> {
    for (const { server } of members) {
      for (const [key, value] of this.#written) {
        const row = await server.services?.kv.get(key, by);
        expect(row === undefined ? undefined : Buffer.from(row.value).toString()).toBe(value);
      }
    }
    const terms = members.map((member) => this.replicaOf(member).status().term);
    expect(terms).toEqual(members.map(() => this.#termBefore));
    expect(process.memoryUsage.rss() - this.#rssBefore).toBeLessThan(growthMax);
    expect(this.place.fatal).toEqual([]);
  }
}

/** By how much each number of `after` is above that of `before`. */
export function refusedSince(
  before: TransportStats,
  after: TransportStats,
): Partial<TransportStats["refusals"]> {
  const entries = Object.entries(after.refusals) as [keyof TransportStats["refusals"], number][];
  return Object.fromEntries(
    entries
      .map(([reason, count]) => [reason, count - before.refusals[reason]] as const)
      .filter(([, count]) => count > 0),
  );
}

/** A caller of the peer door that says whatever it likes. */
export class RawPeer {
  readonly #client;
  readonly #metadata: Metadata;

  constructor(address: string, identity?: PeerIdentity, to?: PeerId) {
    this.#client = newClient(address, undefined);
    this.#metadata =
      identity === undefined || to === undefined ? new Metadata() : identityMetadata(identity, to);
  }

  /** A stream and how it ends. */
  open(path: string): {
    readonly stream: ClientDuplexStream<Buffer, Buffer>;
    readonly accepted: Promise<boolean>;
    readonly ended: Promise<StatusObject>;
  } {
    const stream: ClientDuplexStream<Buffer, Buffer> = this.#client.makeBidiStreamRequest(
      path,
      asIs,
      asIs,
      this.#metadata,
      {},
    );
    stream.on("error", () => undefined);
    const ended = new Promise<StatusObject>((resolve) => stream.once("status", resolve));
    const accepted = Promise.race([
      new Promise<true>((resolve) => stream.once("metadata", () => resolve(true))),
      ended.then(() => false),
    ]);
    return { stream, accepted, ended };
  }

  /** Opens `count` streams, some at a time, that are all refused; the code that every refusal had. */
  async refusedTimes(path: string, count: number): Promise<readonly string[]> {
    const codes = new Set<string>();
    const atATime = 20;
    for (let done = 0; done < count; done += atATime) {
      const streams = Array.from({ length: Math.min(atATime, count - done) }, () =>
        this.open(path),
      );
      for (const { stream, ended } of streams) {
        stream.resume();
        const error: QuorateError | undefined = fromStatus(await ended);
        codes.add(error?.code ?? "no code");
      }
    }
    return [...codes];
  }

  close(): void {
    this.#client.close();
  }
}
