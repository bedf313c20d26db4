// Whatever the peer door refuses is counted by reason and told as one coded warning. `reason` is a fixed word, what differs
// from one time to the next stands in `error`: so that whoever writes the log can tell a repeat from news.
import type { QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { PeerId } from "../../base/numbers.ts";
import { type Counters, countRefusal } from "../counters.ts";
import { reasonOf } from "../errors.ts";

export interface RefusalModules {
  readonly logger: Logger;
  readonly counters: Counters;
}

/** Who was refused: a peer that was admitted, or the address of a caller that was not. */
export type Refused = { readonly peer: PeerId } | { readonly caller: string };

/** `what` is a constant phrase. Not counted: what is refused only for now, see `reasonOf`. */
export function noteRefusal(
  { logger, counters }: RefusalModules,
  error: QuorateError,
  { what, by }: { readonly what: string; readonly by: Refused },
): void {
  const reason = reasonOf(error);
  if (reason !== undefined) countRefusal(counters, reason);
  const { code, fields, message } = error;
  logger.warn({ ...fields, ...by, code, reason: reason ?? error.kind, error: message }, what);
}
