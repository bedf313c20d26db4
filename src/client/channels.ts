// One gRPC channel per address, dialled on demand. The dial is separate from the call, so that "nobody listens there"
// (nothing was sent) and "the connection broke" (it may have been done) are told apart by fact and not by text.
import { Client, connectivityState, credentials } from "@grpc/grpc-js";
import { clientErrors } from "./errors.ts";

/** Lists of ten thousand jobs arrive in one message. */
const receiveBytesMax = 64 * 1024 * 1024;
const backoffMsMin = 100;
const backoffMsMax = 1000;
/** A peer that vanished without a word is noticed during a call after the sum of these two. */
const keepaliveMs = 10_000;
const keepaliveTimeoutMs = 5000;

const channelOptions = {
  "grpc.enable_http_proxy": 0,
  "grpc.enable_channelz": 0,
  "grpc.enable_retries": 0,
  "grpc.initial_reconnect_backoff_ms": backoffMsMin,
  "grpc.min_reconnect_backoff_ms": backoffMsMin,
  "grpc.max_reconnect_backoff_ms": backoffMsMax,
  "grpc.keepalive_time_ms": keepaliveMs,
  "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
  "grpc.max_receive_message_length": receiveBytesMax,
  // A channel that is thrown away takes its backoff with it: the next one dials at once.
  "grpc.use_local_subchannel_pool": 1,
};

const addressPattern = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/;
const portMax = 65_535;

/** Throws BAD_ADDRESS unless every address is host:port and there is at least one. */
export function checkAddresses(addresses: readonly string[]): void {
  if (addresses.length === 0) throw clientErrors.BAD_ADDRESS("no server address was given");
  for (const address of addresses) {
    const port = Number(addressPattern.exec(address)?.[2]);
    if (!(port >= 1 && port <= portMax)) {
      throw clientErrors.BAD_ADDRESS(`"${address}" is not host:port`, { fields: { address } });
    }
  }
}

export class Channels {
  readonly #clients = new Map<string, Client>();
  #isClosed = false;

  hasClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * A connected channel to `address`; undefined when it refused or did not answer until `untilMs` (Date.now()).
   * Nothing was sent in that case.
   */
  async connect(address: string, untilMs: number): Promise<Client | undefined> {
    if (this.#isClosed) return undefined;
    const client = this.#of(address);
    const channel = client.getChannel();
    // Another call may have discarded the channel, or the client was closed, while this one waited.
    while (this.#clients.get(address) === client) {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return client;
      const hasChanged =
        state !== connectivityState.TRANSIENT_FAILURE &&
        state !== connectivityState.SHUTDOWN &&
        (await new Promise<boolean>((resolve) => {
          channel.watchConnectivityState(state, untilMs, (late) => resolve(late === undefined));
        }));
      if (!hasChanged) this.#discard(address, client);
    }
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #of(address: string): Client {
    const known = this.#clients.get(address);
    if (known !== undefined) return known;
    const made = new Client(address, credentials.createInsecure(), channelOptions);
    this.#clients.set(address, made);
    return made;
  }

  #discard(address: string, client: Client): void {
    if (this.#clients.get(address) !== client) return;
    this.#clients.delete(address);
    client.close();
  }
}
