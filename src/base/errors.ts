// Every error that can reach a person has a stable code, the category that decides gRPC status, HTTP
// status and exit code, a sentence that says what happened and one that says what to do. Each room
// declares its own catalogue with `defineErrors`; docs/reference/errors.md lists all of them and a
// test holds the two against each other.

/**
 * What a caller can do about an error:
 * - `invalid`: the request can never succeed as it is
 * - `not-found`, `already-exists`, `conflict` (compare-and-set lost), `precondition` (state forbids it now)
 * - `forbidden`: no right, or an unsafe setting
 * - `exhausted`: a named limit was reached; nothing was done
 * - `unavailable`: nothing was done; try again, perhaps elsewhere
 * - `unknown`: the outcome is not known: it may have been done; repeat only with the same request id
 * - `corrupt`: stored data failed a check
 * - `internal`: a defect or a failed machine
 */
export type ErrorKind =
  | "invalid"
  | "not-found"
  | "already-exists"
  | "conflict"
  | "precondition"
  | "forbidden"
  | "exhausted"
  | "unavailable"
  | "unknown"
  | "corrupt"
  | "internal";

export type ErrorFields = Readonly<Record<string, string | number | boolean>>;

/** One line of a room's catalogue. `help` says what to do. */
export interface ErrorSpec {
  readonly kind: ErrorKind;
  readonly help: string;
}

/** What an error looks like on every wire (REST problem, gRPC trailer, leader-link, CLI JSON). */
export interface ErrorRecord {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly help: string;
  readonly fields: ErrorFields;
}

/** The only error class that crosses a room's boundary on purpose. */
export class QuorateError extends Error implements ErrorRecord {
  override readonly name = "QuorateError";
  readonly code: string;
  readonly kind: ErrorKind;
  readonly help: string;
  readonly fields: ErrorFields;

  constructor(record: ErrorRecord, cause?: unknown) {
    super(record.message, cause === undefined ? undefined : { cause });
    this.code = record.code;
    this.kind = record.kind;
    this.help = record.help;
    this.fields = record.fields;
  }

  toRecord(): ErrorRecord {
    const { code, kind, message, help, fields } = this;
    return { code, kind, message, help, fields };
  }
}

export interface ErrorDetails {
  readonly fields?: ErrorFields;
  readonly cause?: unknown;
}

/** Makes the error of one catalogue line; `message` says what happened, with the values. */
export type ErrorFactory = (message: string, details?: ErrorDetails) => QuorateError;

export type ErrorCatalogue<Names extends string> = Readonly<Record<Names, ErrorFactory>> & {
  /** code → spec, for the documentation check. */
  readonly specs: ReadonlyMap<string, ErrorSpec>;
};

/**
 * Declares a room's errors: `defineErrors("STORAGE", { LOCKED: { kind, help } })` gives
 * `storageErrors.LOCKED("…", { fields })` with the code `QUORATE_STORAGE_LOCKED`.
 */
export function defineErrors<Names extends string>(
  room: string,
  specs: Readonly<Record<Names, ErrorSpec>>,
): ErrorCatalogue<Names> {
  const byCode = new Map<string, ErrorSpec>();
  const factories: Record<string, ErrorFactory> = {};
  for (const [name, spec] of Object.entries<ErrorSpec>(specs)) {
    const code = `QUORATE_${room}_${name}`;
    byCode.set(code, spec);
    factories[name] = (message, details) =>
      new QuorateError(
        { code, kind: spec.kind, message, help: spec.help, fields: details?.fields ?? {} },
        details?.cause,
      );
  }
  return { ...(factories as Record<Names, ErrorFactory>), specs: byCode };
}

/** The message of anything that was thrown, for a log field or an error's text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
