// The resource center as the doors and the runner see it: named, versioned, immutable files on every server.
import type { ClientRequest } from "../state/commands.ts";
import type { ResourceKind, ResourceVersionRow } from "../state/rows.ts";

export interface CallOptions {
  readonly actor: string;
  readonly deadlineMs: number;
  readonly request?: ClientRequest;
}

export interface UploadRequest {
  readonly namespace: string;
  readonly name: string;
  readonly kind: ResourceKind;
  readonly note: string;
  /** When given, a difference refuses the upload and nothing becomes visible. −1 / empty = not given. */
  readonly sizeBytes: number;
  readonly digest: string;
}

/** `latest`, a version number in decimal, or `sha256:<64 hex>`. */
export type VersionSelector = string;

export interface Download {
  readonly version: ResourceVersionRow;
  /** Verified chunk by chunk on the way out. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What an operator should know, and do. */
export interface Finding {
  readonly severity: "warning" | "error";
  /** Of the error that callers meet because of it. */
  readonly code: string;
  readonly what: string;
  readonly doThis: string;
}

/** The chunks on this server. The counts of events begin with its start. */
export interface Inventory {
  /** Chunks that are here. */
  readonly held: number;
  /** Chunks of committed versions that are not here (yet). */
  readonly lacking: number;
  /** Chunks found damaged. */
  readonly damaged: number;
  /** Of these, those that were fetched again. */
  readonly repaired: number;
  /** Bytes read and verified in the background. */
  readonly scrubbedBytes: number;
  /** Wall clock at the end of the last whole pass over all chunks; 0 = none yet. */
  readonly lastPassAtMs: number;
}

export interface Resources {
  /**
   * Streams `bytes` in: at most `uploadWindowBytes` of them are in memory. Resolves when the version is durable on a
   * majority and visible. Any failure (also of the source) ends the upload with nothing visible.
   */
  upload(
    request: UploadRequest,
    bytes: AsyncIterable<Uint8Array>,
    options: CallOptions,
  ): Promise<ResourceVersionRow>;
  /** Chunks that this server lacks are fetched from its peers on the way. */
  download(
    request: {
      readonly namespace: string;
      readonly name: string;
      readonly version: VersionSelector;
    },
    options: CallOptions & { readonly fromByte?: number; readonly toByte?: number },
  ): Promise<Download>;
  /** Linearizable. */
  resolve(
    request: {
      readonly namespace: string;
      readonly name: string;
      readonly version: VersionSelector;
    },
    options: CallOptions,
  ): Promise<ResourceVersionRow>;
  list(options: CallOptions): Promise<readonly ResourceVersionRow[]>;
  delete(
    request: { readonly namespace: string; readonly name: string; readonly version: number },
    options: CallOptions,
  ): Promise<void>;
}
