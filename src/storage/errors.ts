import type { ErrorCatalogue } from "../base/errors.ts";
import { defineErrors } from "../base/errors.ts";

type StorageErrorName =
  | "DATA_DIRECTORY_IN_USE"
  | "NOT_A_DATA_DIRECTORY"
  | "WRONG_SERVER"
  | "NEWER_FORMAT"
  | "OPEN_FAILED"
  | "READ_FAILED"
  | "WRITE_FAILED"
  | "CLOSED"
  | "CORRUPT_LOG"
  | "CORRUPT_ENTRY"
  | "CORRUPT_SNAPSHOT"
  | "CORRUPT_IDENTITY"
  | "CORRUPT_CHUNK"
  | "DIGEST_MISMATCH"
  | "NOT_FOUND"
  | "TOO_LARGE";

const doNotRepair =
  "Keep the directory as evidence and do not repair LevelDB in place: that can bring back an older state. " +
  "In a cluster, take this server out with `quorate server remove`, move the directory away and start it with an " +
  "empty one: it joins anew and fetches everything from the others. For a cluster of one there is no backup yet.";

export const storageErrors: ErrorCatalogue<StorageErrorName> = defineErrors("STORAGE", {
  DATA_DIRECTORY_IN_USE: {
    kind: "precondition",
    help: "Stop the other process first, or give this server a data directory of its own. Never delete a LOCK file.",
  },
  NOT_A_DATA_DIRECTORY: {
    kind: "precondition",
    help: "Choose an empty directory, or one that a Quorate server created.",
  },
  WRONG_SERVER: {
    kind: "precondition",
    help: "Start with the server id that this directory belongs to, or choose another directory.",
  },
  NEWER_FORMAT: {
    kind: "precondition",
    help: "Start the newer program again: an older one cannot read what it wrote.",
  },
  OPEN_FAILED: {
    kind: "internal",
    help: "Check that the directory exists, that this user may write to it, and that the disk is healthy.",
  },
  READ_FAILED: {
    kind: "internal",
    help: "Check the disk (kernel log, SMART), then restart the server.",
  },
  WRITE_FAILED: {
    kind: "internal",
    help: "The server stops, because after a failed write nobody knows what is on the disk. Check free space and the disk, then start it again.",
  },
  CLOSED: {
    kind: "unavailable",
    help: "The server is stopping; ask another one, or this one after its restart.",
  },
  CORRUPT_LOG: { kind: "corrupt", help: doNotRepair },
  CORRUPT_ENTRY: { kind: "corrupt", help: doNotRepair },
  CORRUPT_SNAPSHOT: { kind: "corrupt", help: doNotRepair },
  CORRUPT_IDENTITY: { kind: "corrupt", help: doNotRepair },
  CORRUPT_CHUNK: {
    kind: "corrupt",
    help: "The chunk is fetched again from another server. If this repeats, check the disk.",
  },
  DIGEST_MISMATCH: {
    kind: "invalid",
    help: "The bytes changed on their way: send them again.",
  },
  NOT_FOUND: {
    kind: "not-found",
    help: "A newer snapshot has replaced it: ask for the newest one.",
  },
  TOO_LARGE: { kind: "invalid", help: "Send smaller pieces." },
});
