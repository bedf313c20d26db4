// The sentinel's way to the cluster: signed JSON over plain HTTP/1.1 with kept-open connections, node's own modules
// only. Names are looked up rarely and in the background, because a dead name server must not cost the lease.
import { createHmac } from "node:crypto";
import { lookup } from "node:dns";
import { Agent, request } from "node:http";
import { isIP } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { sentinelErrors } from "./errors.ts";
import { addressFreshMs, answerBytesMax } from "./limits.ts";

export interface HttpCall {
  /** host:port */
  readonly server: string;
  readonly path: string;
  readonly body: string;
  /** HMAC key, hexadecimal; "" = unsigned. */
  readonly key: string;
  readonly timeoutMs: number;
}

/** Resolves with the parsed body of an answer with status 200; throws `REQUEST_FAILED` or `BAD_ANSWER` otherwise. */
export type HttpPost = (call: HttpCall) => Promise<unknown>;

/** HMAC-SHA-256 of the body under the bytes that `key` stands for, hexadecimal (RFC 2104, FIPS 180-4). */
export function signatureOf(key: string, body: string): string {
  return createHmac("sha256", Buffer.from(key, "hex")).update(body).digest("hex");
}

/** host and port of `host:port` or `[v6]:port`. */
export function splitAddress(server: string): { readonly host: string; readonly port: number } {
  const at = server.lastIndexOf(":");
  const host = server.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(server.slice(at + 1)) };
}

interface Known {
  address: string;
  atMs: number;
  isAsked: boolean;
}

/** host → address: the last known one at once, a newer one in the background. */
class Addresses {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async of(host: string): Promise<string> {
    if (isIP(host) !== 0) return host;
    const known = this.#known.get(host);
    if (known === undefined) return this.#ask(host);
    if (!known.isAsked && this.#clock.nowMs() - known.atMs > addressFreshMs) {
      known.isAsked = true;
      this.#ask(host).catch(() => {
        // The name server is silent: the old address stays in use and is asked for again later.
        known.isAsked = false;
        known.atMs = this.#clock.nowMs();
      });
    }
    return known.address;
  }

  #ask(host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      lookup(host, (error, address) => {
        if (error !== null) {
          reject(sentinelErrors.REQUEST_FAILED(`cannot look up ${host}: ${error.message}`));
          return;
        }
        this.#known.set(host, { address, atMs: this.#clock.nowMs(), isAsked: false });
        resolve(address);
      });
    });
  }
}

function parsed(text: string, server: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw sentinelErrors.BAD_ANSWER(`${server} answered something that is not JSON`, { cause });
  }
}

/** Closed by `stop`, which ends every call that is under way. */
export class HttpDoor {
  readonly #clock: Clock;
  readonly #addresses: Addresses;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#addresses = new Addresses(clock);
  }

  readonly post: HttpPost = async (call) => {
    const { host, port } = splitAddress(call.server);
    const address = await this.#addresses.of(host);
    return parsed(await this.#exchange(call, { host, address, port }), call.server);
  };

  stop(): void {
    this.#agent.destroy();
  }

  #exchange(call: HttpCall, to: { host: string; address: string; port: number }): Promise<string> {
    const body = Buffer.from(call.body);
    const headers: Record<string, string | number> = {
      "content-type": "application/json",
      "content-length": body.length,
      host: `${to.host}:${to.port}`,
    };
    if (call.key !== "") headers["x-quorate-signature"] = signatureOf(call.key, call.body);
    return new Promise((resolve, reject) => {
      const failed = (cause: unknown): void => {
        cancel();
        outgoing.destroy();
        reject(sentinelErrors.REQUEST_FAILED(`no answer from ${call.server}`, { cause }));
      };
      const outgoing = request(
        {
          agent: this.#agent,
          method: "POST",
          host: to.address,
          port: to.port,
          path: call.path,
          headers,
        },
        (incoming) => {
          let text = "";
          incoming.setEncoding("utf8");
          incoming.on("data", (part: string) => {
            text += part;
            if (text.length > answerBytesMax) failed(new Error("answer too large"));
          });
          incoming.on("error", failed);
          incoming.on("end", () => {
            if (incoming.statusCode !== 200) {
              failed(new Error(`status ${String(incoming.statusCode)}`));
              return;
            }
            cancel();
            resolve(text);
          });
        },
      );
      const cancel = this.#clock.after(call.timeoutMs, () => failed(new Error("timed out")));
      outgoing.on("error", failed);
      outgoing.end(body);
    });
  }
}
