// The typed client: knows several servers, asks whichever answers, repeats what is safe to repeat.
import { Caller } from "./caller.ts";
import { checkAddresses } from "./channels.ts";
import type { GroupContext } from "./group.ts";
import { JobsClient } from "./jobs.ts";
import { KvClient } from "./kv.ts";
import { ResourcesClient } from "./resources.ts";
import { ClusterClient, ServersClient } from "./servers.ts";
import { Writer } from "./writer.ts";

const deadlineMsDefault = 10_000;
/** A gigabyte on a slow line. */
const transferDeadlineMsDefault = 600_000;

export interface QuorateClientOptions {
  /** host:port of gRPC doors. Any server answers; more than one survives the loss of one. */
  readonly addresses: readonly string[];
  /** Who asks, for the history of jobs and the logs. */
  readonly actor?: string;
  /** How long a call may take, all its attempts together. Default: 10 s. */
  readonly deadlineMs?: number;
  /** The same for uploads and downloads. Default: 10 min. */
  readonly transferDeadlineMs?: number;
  /**
   * Writes carry a request id, so that they can be repeated and are done once (default). Costs one write of its own
   * when the first write is made. Without it a write whose connection breaks ends with kind `unknown`.
   */
  readonly exactlyOnce?: boolean;
}

/**
 * A client of one cluster. Every method rejects with a QuorateError: the server's own, or QUORATE_CLIENT_… . Errors of
 * kind `unavailable` mean that nothing was done, kind `unknown` that it may have been done.
 *
 * Nothing is dialled before the first call. `close()` ends what is under way.
 */
export class QuorateClient {
  readonly kv: KvClient;
  readonly servers: ServersClient;
  readonly cluster: ClusterClient;
  readonly resources: ResourcesClient;
  readonly jobs: JobsClient;
  readonly #caller: Caller;

  /** Throws QUORATE_CLIENT_BAD_ADDRESS. */
  constructor(options: QuorateClientOptions) {
    const { addresses, actor = "", deadlineMs = deadlineMsDefault, exactlyOnce = true } = options;
    checkAddresses(addresses);
    this.#caller = new Caller({ addresses, actor });
    const context: GroupContext = {
      caller: this.#caller,
      writer: new Writer({ isExactlyOnce: exactlyOnce }, this.#caller),
      transferDeadlineMs: options.transferDeadlineMs ?? transferDeadlineMsDefault,
      untilMs: (ownMs = deadlineMs) => Date.now() + ownMs,
    };
    this.kv = new KvClient(context);
    this.servers = new ServersClient(context);
    this.cluster = new ClusterClient(context);
    this.resources = new ResourcesClient(context);
    this.jobs = new JobsClient(context);
  }

  close(): void {
    this.#caller.close();
  }
}
