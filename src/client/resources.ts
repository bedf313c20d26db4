import type { ListResourcesResponse__Output as VersionsAnswer } from "../gen/quorate/resource/v1/ListResourcesResponse.ts";
import type { Version__Output as Version } from "../gen/quorate/resource/v1/Version.ts";
import { clientErrors } from "./errors.ts";
import type { CallOptions, GroupContext } from "./group.ts";
import { serviceMethods } from "./protocol.ts";
import { download, type PushHeader, upload } from "./transfer.ts";

export interface PushOptions {
  readonly header: PushHeader;
  /** Called with the bytes handed to the connection so far. */
  readonly onProgress?: (sentBytes: number) => void;
  readonly deadlineMs?: number;
}

/** One version; `version` is `latest` (default), a number or `sha256:<64 hex>`. */
export interface ResourceSelector {
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
}

export interface Pulled {
  readonly version: Version;
  /** To be read to its end or left early; it holds a connection's stream until then. */
  readonly bytes: AsyncGenerator<Uint8Array, void, void>;
}

/** Jars and other files: named, versioned, immutable, on every server. */
export class ResourcesClient {
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /**
   * Uploads one version; durable on a majority when it resolves. A source that is a function can be opened again, so
   * that an upload which a server refused for the moment is repeated elsewhere; another is sent once.
   */
  async push(
    source: AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>),
    options: PushOptions,
  ): Promise<Version> {
    const { header, onProgress, deadlineMs = this.#context.transferDeadlineMs } = options;
    let hasBegun = false;
    const { version } = await this.#context.caller.run({
      safety: "bare",
      untilMs: this.#context.untilMs(deadlineMs),
      isRepeatable: () => typeof source === "function" || !hasBegun,
      attempt: (link) => {
        hasBegun = true;
        const bytes = typeof source === "function" ? source() : source;
        return upload(link, { header, bytes, onProgress });
      },
    });
    if (version === null) throw clientErrors.BAD_ANSWER("the answer has no version");
    return version;
  }

  /** Resolves with the version once the servers begin to send. */
  pull(resource: ResourceSelector, options: CallOptions = {}): Promise<Pulled> {
    const { deadlineMs = this.#context.transferDeadlineMs } = options;
    return this.#context.caller.run({
      safety: "read",
      untilMs: this.#context.untilMs(deadlineMs),
      isWholeCall: true,
      attempt: (link) => download(link, resource),
    });
  }

  async list(options: CallOptions = {}): Promise<VersionsAnswer["versions"]> {
    const { versions } = await this.#context.caller.unary({
      method: serviceMethods("resource").ListResources,
      request: {},
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
    });
    return versions;
  }

  async get(resource: ResourceSelector, options: CallOptions = {}): Promise<Version> {
    const { version } = await this.#context.caller.unary({
      method: serviceMethods("resource").GetResource,
      request: resource,
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
    });
    if (version === null) throw clientErrors.BAD_ANSWER("the answer has no version");
    return version;
  }

  /** Refused with kind `precondition` while a job uses the version. */
  async delete(
    resource: { readonly namespace?: string; readonly name: string; readonly version: number },
    options: CallOptions = {},
  ): Promise<void> {
    await this.#context.caller.unary({
      method: serviceMethods("resource").DeleteVersion,
      request: resource,
      safety: "bare",
      untilMs: this.#context.untilMs(options.deadlineMs),
    });
  }
}
