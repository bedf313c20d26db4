// A vote or an acknowledgement leaves a server only when what it promises is on its disk. The winner's own vote is a
// promise too: a leader that could forget it in a crash could be elected once more in the same term and put other
// entries at the same index and term (canonical/raft #320).
import type { Message } from "../../../src/raft/types.ts";
import type { Report } from "./report.ts";

/** What the sender's disk holds at that moment. */
export interface DurableMarks {
  readonly term: number;
  readonly vote: number;
  readonly lastIndex: number;
}

export class DurablePromises {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  sent(message: Message, durable: DurableMarks): void {
    const { kind, from, to, term } = message;
    if (kind !== "vote-response" && kind !== "append-response") return;
    // With a newer term on the disk the promise is kept whatever the rest: it can do nothing in the old one.
    if (message.reject || durable.term > term) return;
    let promise: string;
    if (message.kind === "append-response") {
      if (message.index === 0) return;
      if (durable.term === term && durable.lastIndex >= message.index) return;
      promise = `acknowledged ${message.index} to ${to}`;
    } else {
      if (durable.term === term && durable.vote === to) return;
      promise = `voted for ${to}`;
    }
    const detail = `${from} ${promise} in term ${term}; its disk has term ${durable.term}, vote ${durable.vote}, last index ${durable.lastIndex}`;
    this.#report({ checker: "durable-promises", detail });
  }

  /** `leader` leads `term`. */
  led(leader: number, term: number, durable: Pick<DurableMarks, "term" | "vote">): void {
    if (durable.term > term || (durable.term === term && durable.vote === leader)) return;
    const detail = `${leader} leads term ${term}; its disk has term ${durable.term}, vote ${durable.vote}`;
    this.#report({ checker: "durable-promises", detail });
  }
}
