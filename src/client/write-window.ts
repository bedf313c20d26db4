// Exactly-once writes (Raft dissertation §6.3): a client session gives every write a sequence number, and the servers
// remember the answers until the client says that it has them. They remember 64, so the window is a span of numbers,
// not a count of calls: were number 1 still open while 66 is answered, the answer to 1 would be forgotten.
import { clientErrors } from "./errors.ts";

/** Results that the servers keep per client session. */
export const windowMax = 64;

export interface RequestId {
  readonly clientSession: number;
  readonly sequence: number;
  /** Every number up to this one has been answered, and nobody will ask again. */
  readonly acknowledged: number;
}

/** The numbers of one session. */
export class SequenceNumbers {
  readonly clientSession: number;
  readonly #ended = new Set<number>();
  #last = 0;
  #acknowledged = 0;

  constructor(clientSession: number) {
    this.clientSession = clientSession;
  }

  get isFull(): boolean {
    return this.#last - this.#acknowledged >= windowMax;
  }

  take(): RequestId {
    this.#last += 1;
    const { clientSession } = this;
    return { clientSession, sequence: this.#last, acknowledged: this.#acknowledged };
  }

  end(sequence: number): void {
    this.#ended.add(sequence);
    while (this.#ended.delete(this.#acknowledged + 1)) this.#acknowledged += 1;
  }
}

export interface Ticket {
  readonly requestId: RequestId;
  /** The write was answered or given up; either way it is never sent again. */
  end(): void;
  /** The servers do not know the session any more: later writes get a new one. */
  disown(): void;
}

interface Waiting {
  readonly untilMs: number;
  readonly late: NodeJS.Timeout;
  readonly admit: (ticket: Ticket) => void;
  readonly refuse: (error: unknown) => void;
}

function notSent(why: string): Error {
  return clientErrors.NOT_SENT(`the write was not sent before its deadline: ${why}`);
}

export class WriteWindow {
  readonly #open: (untilMs: number) => Promise<number>;
  #queue: Waiting[] = [];
  #numbers: SequenceNumbers | undefined;
  #isOpening = false;

  /** `open` opens a client session on the servers and resolves with its number. */
  constructor(open: (untilMs: number) => Promise<number>) {
    this.#open = open;
  }

  /** A number for one write, in the order of the calls. Rejects with NOT_SENT when there is none until `untilMs`. */
  begin(untilMs: number): Promise<Ticket> {
    return new Promise((admit, refuse) => {
      const waiting: Waiting = {
        untilMs,
        admit,
        refuse,
        late: setTimeout(() => this.#giveUp(waiting), Math.max(0, untilMs - Date.now())),
      };
      this.#queue.push(waiting);
      this.#serve();
    });
  }

  #serve(): void {
    const numbers = this.#numbers;
    if (numbers === undefined) {
      if (this.#queue.length > 0 && !this.#isOpening) void this.#openOne();
      return;
    }
    while (!numbers.isFull) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      clearTimeout(next.late);
      if (Date.now() < next.untilMs) next.admit(this.#ticket(numbers));
      else next.refuse(notSent("opening a client session took too long"));
    }
  }

  #ticket(numbers: SequenceNumbers): Ticket {
    const requestId = numbers.take();
    return {
      requestId,
      end: () => {
        numbers.end(requestId.sequence);
        this.#serve();
      },
      disown: () => {
        if (this.#numbers === numbers) this.#numbers = undefined;
      },
    };
  }

  async #openOne(): Promise<void> {
    this.#isOpening = true;
    try {
      const clientSession = await this.#open(
        Math.max(...this.#queue.map(({ untilMs }) => untilMs)),
      );
      this.#numbers = new SequenceNumbers(clientSession);
    } catch (error) {
      const refused = this.#queue;
      this.#queue = [];
      for (const { late, refuse } of refused) {
        clearTimeout(late);
        refuse(error);
      }
    }
    this.#isOpening = false;
    this.#serve();
  }

  /** While a session is being opened, how that ends says more than "too late". */
  #giveUp(waiting: Waiting): void {
    if (this.#isOpening) return;
    this.#queue = this.#queue.filter((other) => other !== waiting);
    waiting.refuse(notSent(`${String(windowMax)} writes of this client are under way`));
  }
}
