// The key-value corner: thin, because everything it promises is promised by the log and the state machine.

import { assert } from "../base/assert.ts";
import type { Revision } from "../base/numbers.ts";
import type { ProposeOptions, Replica } from "../replica/contract.ts";
import type { KvRow } from "../state/rows.ts";
import type { CallOptions, KvCorner } from "./contract.ts";

function proposeOptions({ actor, deadlineMs, request }: CallOptions): ProposeOptions {
  return request === undefined ? { actor, deadlineMs } : { actor, deadlineMs, request };
}

export class KvService implements KvCorner {
  readonly #replica: Replica;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  async get(key: string, options: Parameters<KvCorner["get"]>[1]): Promise<KvRow | undefined> {
    if (options.stale !== true) await this.#replica.barrier(options.deadlineMs);
    return this.#replica.state.kv(key);
  }

  async list(prefix: string, options: Parameters<KvCorner["list"]>[1]): Promise<readonly KvRow[]> {
    if (options.stale !== true) await this.#replica.barrier(options.deadlineMs);
    const { after = "", limit } = options;
    const rows = this.#replica.state.kvList(prefix);
    const from = after === "" ? 0 : rows.findIndex(({ key }) => key > after);
    return from < 0 ? [] : rows.slice(from, from + limit);
  }

  async put(
    request: Parameters<KvCorner["put"]>[0],
    options: CallOptions,
  ): Promise<{ readonly revision: Revision; readonly version: number }> {
    const { revision, detail } = await this.#replica.submit(
      { kind: "kv-put", ...request },
      proposeOptions(options),
    );
    assert(detail.kind === "kv", "a put answers with a kv detail");
    return { revision, version: detail.version };
  }

  async delete(
    request: Parameters<KvCorner["delete"]>[0],
    options: CallOptions,
  ): Promise<{ readonly revision: Revision; readonly existed: boolean }> {
    const { revision, detail } = await this.#replica.submit(
      { kind: "kv-delete", ...request },
      proposeOptions(options),
    );
    assert(detail.kind === "kv", "a delete answers with a kv detail");
    return { revision, existed: detail.existed };
  }
}
