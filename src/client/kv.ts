import type { DeleteResponse__Output as DeleteAnswer } from "../gen/quorate/registry/v1/DeleteResponse.ts";
import type { KeyValue__Output as KeyValue } from "../gen/quorate/registry/v1/KeyValue.ts";
import type { ListResponse__Output as ListAnswer } from "../gen/quorate/registry/v1/ListResponse.ts";
import type { PutResponse__Output as PutAnswer } from "../gen/quorate/registry/v1/PutResponse.ts";
import { clientErrors } from "./errors.ts";
import type { GroupContext } from "./group.ts";
import { serviceMethods } from "./protocol.ts";

/** What must hold for a write to be done; otherwise it is refused with kind `conflict`. */
export type KvCondition =
  | { readonly absent: true }
  /** Its modifiedRevision. */
  | { readonly revision: number }
  | { readonly value: Uint8Array };

export interface KvWriteOptions {
  readonly condition?: KvCondition;
  readonly deadlineMs?: number;
}

export interface KvReadOptions {
  /** Answers from one server's copy without asking the leader: faster, and it may be old. */
  readonly stale?: boolean;
  readonly deadlineMs?: number;
}

export interface KvListOptions extends KvReadOptions {
  /** 1 to 1000; default 1000. */
  readonly limit?: number;
  /** Only keys behind this one. */
  readonly after?: string;
}

/** The key-value corner. Keys: 1 to 512 bytes of UTF-8; values: up to 64 KiB. */
export class KvClient {
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /** Durable on a majority when it resolves. A text value is stored as UTF-8. */
  put(key: string, value: Uint8Array | string, options: KvWriteOptions = {}): Promise<PutAnswer> {
    const { condition = null, deadlineMs } = options;
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    return this.#context.writer.write(
      serviceMethods("registry").Put,
      { key, value: bytes, condition },
      this.#context.untilMs(deadlineMs),
    );
  }

  /** Linearizable unless `stale`. Rejects with kind `not-found` when there is no such key. */
  async get(key: string, options: KvReadOptions = {}): Promise<KeyValue> {
    const { stale = false, deadlineMs } = options;
    const { kv } = await this.#context.caller.unary({
      method: serviceMethods("registry").Get,
      request: { key, stale },
      safety: "read",
      untilMs: this.#context.untilMs(deadlineMs),
    });
    if (kv === null) throw clientErrors.BAD_ANSWER("the answer has no key and value");
    return kv;
  }

  delete(key: string, options: KvWriteOptions = {}): Promise<DeleteAnswer> {
    const { condition = null, deadlineMs } = options;
    return this.#context.writer.write(
      serviceMethods("registry").Delete,
      { key, condition },
      this.#context.untilMs(deadlineMs),
    );
  }

  /**
   * One page of the keys with a prefix, in order: at most `limit` (and 1000), behind the key `after`. `more` says that
   * the page was cut; the next one begins behind its last key.
   */
  list(prefix = "", options: KvListOptions = {}): Promise<ListAnswer> {
    const { stale = false, limit = 0, after = "", deadlineMs } = options;
    return this.#context.caller.unary({
      method: serviceMethods("registry").List,
      request: { prefix, stale, limit, after },
      safety: "read",
      untilMs: this.#context.untilMs(deadlineMs),
    });
  }

  /** All keys with a prefix, page by page; each page is read at a moment of its own. */
  async *listAll(prefix = "", options: KvReadOptions = {}): AsyncGenerator<KeyValue, void, void> {
    let after = "";
    for (;;) {
      const { kvs, more } = await this.list(prefix, { ...options, after });
      yield* kvs;
      const last = kvs.at(-1);
      if (!more || last === undefined) return;
      after = last.key;
    }
  }
}
