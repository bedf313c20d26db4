// A follower commits only what the message at hand proves to be the same on the leader (Figure 2 of the paper:
// the smaller of the leader's commit index and the index of the last new entry). What it holds beyond that may be a
// tail of its own.
import type { Message } from "../../../src/raft/types.ts";
import type { Report } from "./report.ts";

/** Up to which index the message allows to commit; undefined = it says nothing about it. */
function provenBy(message: Message): number | undefined {
  if (message.kind === "heartbeat") return message.commit;
  if (message.kind === "snapshot") return message.snapshot.index;
  if (message.kind !== "append") return undefined;
  return Math.min(message.commit, message.prevIndex + message.entries.length);
}

export class CommitEvidence {
  readonly #report: Report;
  readonly #proven = new Map<string, number | undefined>();

  constructor(report: Report) {
    this.#report = report;
  }

  received(server: string, message: Message): void {
    this.#proven.set(server, provenBy(message));
  }

  /** `server`, which does not lead, has committed up to `index` while it dealt with the last message. */
  followed(server: string, index: number): void {
    const proven = this.#proven.get(server);
    if (proven !== undefined && index <= proven) return;
    const detail = `${server} committed ${index}, the message proves ${proven ?? "nothing"}`;
    this.#report({ checker: "commit-evidence", detail });
  }
}
