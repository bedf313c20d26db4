import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "BAD_SELECTOR"
  | "CHUNKS_MISSING"
  | "DIGEST_MISMATCH"
  | "EMPTY"
  | "INTERRUPTED"
  | "NOT_DURABLE"
  | "SIZE_MISMATCH"
  | "TOO_LARGE"
  | "UNKNOWN_RESOURCE";

export const resourceErrors: ErrorCatalogue<Names> = defineErrors<Names>("RESOURCES", {
  BAD_SELECTOR: {
    kind: "invalid",
    help: "A version is `latest`, a number, or `sha256:` and 64 hexadecimal digits.",
  },
  CHUNKS_MISSING: {
    kind: "unavailable",
    help: "No server that answers holds these bytes now. Bring the other servers back and repeat.",
  },
  DIGEST_MISMATCH: {
    kind: "invalid",
    help: "The bytes that arrived are not those that were announced; nothing was stored. Push the file again.",
  },
  EMPTY: { kind: "invalid", help: "A resource has at least one byte; nothing was stored." },
  INTERRUPTED: {
    kind: "invalid",
    help: "The sender stopped before the end; nothing became visible. Push the file again.",
  },
  NOT_DURABLE: {
    kind: "unavailable",
    help: "Too few servers could store the bytes in time; nothing became visible. Look at `quorate cluster status`, then push the file again.",
  },
  SIZE_MISMATCH: {
    kind: "invalid",
    help: "More or fewer bytes arrived than were announced; nothing was stored. Push the file again.",
  },
  TOO_LARGE: {
    kind: "exhausted",
    help: "The file is above the limit for one resource (docs/operating/limits.md); nothing was stored.",
  },
  UNKNOWN_RESOURCE: {
    kind: "not-found",
    help: "See `quorate resource list` for the resources and versions there are.",
  },
});
