import type { ErrorRecord } from "../base/errors.ts";
import type { Epoch, Revision } from "../base/numbers.ts";

/** What a command that was carried out tells its proposer. `revision` is the entry's index. */
export type CommandDetail =
  | { readonly kind: "none" }
  | { readonly kind: "job"; readonly jobId: string }
  | { readonly kind: "session"; readonly session: number }
  | { readonly kind: "upload"; readonly uploadId: string }
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "kv"; readonly version: number; readonly existed: boolean }
  /** Moves of a plan that were carried out, in order; skipped ones are missing. */
  | {
      readonly kind: "plan";
      readonly moved: readonly { readonly jobId: string; readonly epoch: Epoch }[];
    };

/** A refused command changed nothing; its error is definite. */
export type CommandResult =
  | { readonly kind: "done"; readonly revision: Revision; readonly detail: CommandDetail }
  | { readonly kind: "refused"; readonly revision: Revision; readonly error: ErrorRecord };

/**
 * What changed, for watchers: a topic is a table (`kv`, `servers`, `sessions`, `jobs`, `assignments`, `resources`,
 * `uploads`, `events`, `membership`) or a slice of it: `kv/<key>`, `servers/<id>`, `jobs/<id>`,
 * `assignments/<serverId>` (the rows that name this server as owner or next, before or after),
 * `resources/<namespace>/<name>`, `uploads/<id>`, `events/<subject>`. A changed slice names its table too.
 */
export type Topic = string;

export interface Applied {
  readonly result: CommandResult;
  readonly topics: readonly Topic[];
}
