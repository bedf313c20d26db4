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
  | "QUARANTINED_TOO_OFTEN"
  | "CORRUPT_CHUNK"
  | "CHUNKS_DAMAGED_TOO_OFTEN"
  | "DISK_NEARLY_FULL"
  | "DIGEST_MISMATCH"
  | "NOT_FOUND"
  | "TOO_LARGE";

const doNotRepair =
  "Do not repair LevelDB in place: that can bring back an older state. A server with others in its cluster puts the damaged " +
  "files aside below quarantined/ and is admitted anew by the others; nothing is to be done. A cluster of one has nobody to fetch " +
  "its data from: it stays stopped. Keep the directory as evidence and put back a copy of it that was made while the server was stopped.";

export const storageErrors: ErrorCatalogue<StorageErrorName> = defineErrors("STORAGE", {
  DATA_DIRECTORY_IN_USE: {
    kind: "precondition",
    help: "Stop the other process first, or give this server a data directory of its own. Never delete a LOCK file.",
  },
  NOT_A_DATA_DIRECTORY: {
    kind: "precondition",
    help: "Give the data directory of a server. To start a new server, give an empty directory or one that does not exist yet.",
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
  QUARANTINED_TOO_OFTEN: {
    kind: "corrupt",
    help:
      "The disk, the controller or the memory of this machine damages data. Nothing was moved this time, and the server does not start " +
      "with this directory any more, because its votes are not to be believed. Run `quorate data verify DIR`, look at the kernel's log " +
      "and SMART and replace what is broken. Then move the whole directory away and start with an empty one and the same `--id`: the " +
      "others admit the server anew. Never delete the file quarantine alone.",
  },
  CORRUPT_CHUNK: {
    kind: "corrupt",
    help: "The chunk is fetched again from another server. If this repeats, check the disk.",
  },
  CHUNKS_DAMAGED_TOO_OFTEN: {
    kind: "corrupt",
    help:
      "There were five within a day. Nothing was moved this time. Check the disk (kernel log, SMART) and replace it if it damages data. " +
      "Then delete the folders below damaged/ in the data directory that nobody wants to look at any more, and start the server again.",
  },
  DISK_NEARLY_FULL: {
    kind: "exhausted",
    help:
      "The rest of the disk is kept for the log. Make room on it (old resource versions, folders below damaged/ and quarantined/ in " +
      "the data directory, other programs' files) or give the server a larger one, then repeat. Everything else goes on.",
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
