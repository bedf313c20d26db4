// The connections to the peer door. Anybody who reaches the port can open them, so there is a bound, and a time within
// which a peer of this cluster must have spoken. Over the bound a connection that has not proved itself makes room, of the
// host that has most of those: one host with a crowd of them keeps no peer of another host out.
import type { Socket } from "node:net";
import type { Cancel, Clock } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import { transportErrors } from "../errors.ts";
import type { DoorLimits } from "../limits.ts";
import { noteRefusal, type RefusalModules } from "./refusals.ts";

interface Connection {
  readonly socket: Socket;
  readonly host: string;
  readonly caller: string;
  readonly cancelProof: Cancel;
  state: "new" | "called" | "admitted" | "refused";
}

export interface ConnectionsModules extends RefusalModules {
  readonly clock: Clock;
}

export class Connections {
  readonly #limits: DoorLimits;
  readonly #modules: ConnectionsModules;
  /** By `address:port` of the caller, which is what gRPC tells about a call; oldest first. */
  readonly #open = new Map<string, Connection>();

  constructor(limits: DoorLimits, modules: ConnectionsModules) {
    this.#limits = limits;
    this.#modules = modules;
  }

  /** False when `socket` was refused and is closed. */
  add(socket: Socket): boolean {
    const { remoteAddress, remotePort } = socket;
    // It has gone already.
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return false;
    }
    const connection: Connection = {
      socket,
      host: remoteAddress,
      caller: `${remoteAddress}:${String(remotePort)}`,
      state: "new",
      cancelProof: this.#modules.clock.after(this.#limits.connectionProofMs, () => {
        const { connectionProofMs } = this.#limits;
        const fields = { limit: "connectionProofMs", max: connectionProofMs };
        const text = "no peer of this cluster has spoken on the connection";
        this.#refuse(connection, transportErrors.CALLER_SILENT(text, { fields }));
      }),
    };
    socket.once("error", (cause) => {
      if (isProtocolError(cause)) this.#refuse(connection, noCall(cause));
    });
    socket.once("close", () => {
      this.#closed(connection);
    });
    this.#open.set(connection.caller, connection);
    return this.#makeRoom(connection);
  }

  /** A call of this service has arrived from `caller`, whoever that is. */
  called(caller: string): void {
    const connection = this.#open.get(caller);
    if (connection?.state === "new") connection.state = "called";
  }

  /** `caller` is a peer of this cluster. */
  admitted(caller: string): void {
    const connection = this.#open.get(caller);
    if (connection === undefined || connection.state === "refused") return;
    connection.state = "admitted";
    connection.cancelProof();
  }

  isAdmitted(caller: string): boolean {
    return this.#open.get(caller)?.state === "admitted";
  }

  /** Without a word to anybody: for the end of the door. */
  destroyAll(): void {
    for (const connection of this.#open.values()) {
      connection.state = "refused";
      connection.socket.destroy();
    }
  }

  #makeRoom(newest: Connection): boolean {
    const { connectionsMax } = this.#limits;
    if (this.#open.size <= connectionsMax) return true;
    const leaving = this.#leastProved() ?? newest;
    const fields = { limit: "connectionsMax", max: connectionsMax };
    const text = "too many connections to the peer port";
    this.#refuse(leaving, transportErrors.LIMIT_REACHED(text, { fields }));
    return leaving !== newest;
  }

  /** The oldest unproved connection of the host that has most of them; undefined when all are peers. */
  #leastProved(): Connection | undefined {
    const byHost = new Map<string, Connection[]>();
    for (const connection of this.#open.values()) {
      if (connection.state === "admitted") continue;
      const those = byHost.get(connection.host);
      if (those === undefined) byHost.set(connection.host, [connection]);
      else those.push(connection);
    }
    let most: readonly Connection[] = [];
    for (const those of byHost.values()) if (those.length > most.length) most = those;
    return most[0];
  }

  #refuse(connection: Connection, error: QuorateError): void {
    if (connection.state === "refused") return;
    connection.state = "refused";
    const { caller, socket } = connection;
    noteRefusal(this.#modules, error, { what: "connection refused", by: { caller } });
    this.#forget(connection);
    socket.destroy();
  }

  #closed(connection: Connection): void {
    this.#forget(connection);
    if (connection.state === "new" && connection.socket.bytesRead > 0) {
      // A port scan looks like this, and a peer that was killed or cut off while it connected.
      const text = "the connection ended before any call came on it";
      this.#refuse(connection, transportErrors.CALLER_SILENT(text));
    }
  }

  #forget(connection: Connection): void {
    connection.cancelProof();
    if (this.#open.get(connection.caller) === connection) this.#open.delete(connection.caller);
  }
}

function noCall(cause: unknown): QuorateError {
  return transportErrors.NO_CALL("what came on the connection was no call of a server", { cause });
}

/** Node's word for bytes that are no HTTP/2; a broken network has the codes of the system. */
function isProtocolError(error: NodeJS.ErrnoException): boolean {
  return error.code === "ERR_HTTP2_ERROR";
}
