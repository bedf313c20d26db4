import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type RequestId,
  SequenceNumbers,
  type Ticket,
  WriteWindow,
  windowMax,
} from "../../../src/client/write-window.ts";

/** What the replicated state remembers of one session: the results above a floor, at most `kept` of them. */
class Memory {
  readonly #kept: number;
  readonly #results = new Set<number>();
  floor = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  /** False when the request was forgotten: then nobody can tell its outcome. */
  take({ sequence, acknowledged }: RequestId): boolean {
    if (sequence <= this.floor) return false;
    this.#results.add(sequence);
    this.floor = Math.max(this.floor, Math.min(acknowledged, sequence - 1));
    const above = [...this.#results].filter((n) => n > this.floor).sort((a, b) => a - b);
    const surplus = above.splice(0, Math.max(0, above.length - this.#kept));
    this.floor = surplus.at(-1) ?? this.floor;
    return true;
  }
}

/**
 * Plays a client against the memory: each number says whether to send a new write, to send an open one again, or to
 * end one. True when no open write was ever forgotten.
 */
function neverForgotten(choices: readonly number[], kept: number): boolean {
  const numbers = new SequenceNumbers(1);
  const memory = new Memory(kept);
  const open: RequestId[] = [];
  for (const choice of choices) {
    if (choice % 3 !== 2 && !numbers.isFull) open.push(numbers.take());
    const at = choice % Math.max(1, open.length);
    const request = open[at];
    if (request === undefined) continue;
    if (!memory.take(request)) return false;
    if (choice % 3 === 2) {
      open.splice(at, 1);
      numbers.end(request.sequence);
    }
  }
  return open.every((request) => memory.take(request));
}

const choices = fc.array(fc.nat(), { minLength: 100, maxLength: 400 });

describe("sequence numbers", () => {
  test("an open write is never forgotten by servers that remember 64", () => {
    fc.assert(fc.property(choices, (list) => neverForgotten(list, windowMax)));
  });

  test("servers that remembered fewer would forget one", () => {
    // 64 are sent, all but the first are answered: the answer to the first is the 64th to be kept.
    const numbers = new SequenceNumbers(1);
    const requests = Array.from({ length: windowMax }, () => numbers.take());
    const few = new Memory(windowMax - 1);
    const enough = new Memory(windowMax);
    for (const request of requests) {
      few.take(request);
      enough.take(request);
    }
    expect(few.take(requests[0]!)).toBe(false);
    expect(enough.take(requests[0]!)).toBe(true);
  });

  test("acknowledged is the longest run of ended ones from the beginning", () => {
    const numbers = new SequenceNumbers(7);
    for (let i = 0; i < 4; i += 1) numbers.take();
    numbers.end(2);
    numbers.end(3);
    expect(numbers.take()).toEqual({ clientSession: 7, sequence: 5, acknowledged: 0 });
    numbers.end(1);
    expect(numbers.take()).toEqual({ clientSession: 7, sequence: 6, acknowledged: 3 });
  });
});

const soon = (): number => Date.now() + 10_000;

async function taken(window: WriteWindow, count: number): Promise<Ticket[]> {
  return await Promise.all(Array.from({ length: count }, () => window.begin(soon())));
}

describe("the window", () => {
  test("opens one session for many first writes", async () => {
    let opened = 0;
    const window = new WriteWindow(async () => {
      opened += 1;
      return 5;
    });
    const tickets = await taken(window, 10);
    expect(opened).toBe(1);
    expect(tickets.map(({ requestId }) => requestId.sequence)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  test("is a span: while the oldest is open, the 65th waits although others ended", async () => {
    const window = new WriteWindow(async () => 1);
    const tickets = await taken(window, windowMax);
    for (const ticket of tickets.slice(1)) ticket.end();
    let isIn = false;
    const next = window.begin(soon()).then((ticket) => {
      isIn = true;
      return ticket;
    });
    await Promise.resolve();
    expect(isIn).toBe(false);
    tickets[0]?.end();
    expect((await next).requestId).toEqual({ clientSession: 1, sequence: 65, acknowledged: 64 });
  });

  test("one end lets in as many as there is room for", async () => {
    const window = new WriteWindow(async () => 1);
    const tickets = await taken(window, windowMax);
    const waiting = Array.from({ length: 3 }, () => window.begin(soon()));
    for (const ticket of tickets.slice(1)) ticket.end();
    tickets[0]?.end();
    const sequences = (await Promise.all(waiting)).map(({ requestId }) => requestId.sequence);
    expect(sequences).toEqual([65, 66, 67]);
  });

  test("a write that waits beyond its deadline was not sent", async () => {
    const window = new WriteWindow(async () => 1);
    const tickets = await taken(window, windowMax);
    await expect(window.begin(Date.now() + 20)).rejects.toMatchObject({
      code: "QUORATE_CLIENT_NOT_SENT",
      kind: "unavailable",
    });
    tickets[0]?.end();
    expect((await window.begin(soon())).requestId.sequence).toBe(65);
  });

  test("a session that cannot be opened refuses those that wait; the next write tries again", async () => {
    let attempts = 0;
    const window = new WriteWindow(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("no leader");
      return 2;
    });
    const results = await Promise.allSettled([window.begin(soon()), window.begin(soon())]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect((await window.begin(soon())).requestId.clientSession).toBe(2);
  });

  test("a disowned session is replaced once, however many of its writes say so", async () => {
    let opened = 0;
    const window = new WriteWindow(async () => (opened += 1));
    const [first, second] = await taken(window, 2);
    first?.disown();
    first?.end();
    expect((await window.begin(soon())).requestId.clientSession).toBe(2);
    second?.disown();
    second?.end();
    expect((await window.begin(soon())).requestId).toMatchObject({ clientSession: 2, sequence: 2 });
  });
});
