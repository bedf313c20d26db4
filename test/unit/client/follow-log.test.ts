import { describe, expect, test } from "vitest";
import type { QuorateError } from "../../../src/base/errors.ts";
import { type FollowOptions, followed, type ReadAt } from "../../../src/client/follow-log.ts";
import { refusal } from "./fake-server.ts";

interface Part {
  readonly serverId: string;
  readonly text: string;
}

/** The output of two servers; each read may change whose job it is, and which server is silent. */
class Output {
  readonly texts: Record<string, string> = { a: "", b: "" };
  readonly asked: string[] = [];
  /** Whose output each read named. */
  readonly wanted: string[] = [];
  readonly silent = new Set<string>();
  owner = "a";
  /** Answers when nobody runs the job and no server is named. */
  elsewhere = "b";
  onRead: (nth: number) => void = () => {};

  nowMs = () => 0;

  read = async ({ offset, tailBytes = 0, serverId = "" }: ReadAt) => {
    const nth = this.asked.length;
    this.wanted.push(serverId);
    this.asked.push("");
    this.onRead(nth);
    const from = [serverId, this.owner, this.elsewhere].find((id) => id !== "")!;
    this.asked[nth] = `${from}@${String(offset)}`;
    if (this.silent.has(from)) throw refusal("unavailable", "QUORATE_API_LOG_UNREACHABLE");
    const all = Buffer.from(this.texts[from] ?? "");
    const begin =
      tailBytes > 0 ? Math.max(0, all.length - tailBytes) : Math.min(offset, all.length);
    const data = all.subarray(begin);
    const nextOffset = begin + data.length;
    return { data, nextOffset, serverId: from, truncated: false, ownerId: this.owner };
  };
}

async function firstParts(
  output: Output,
  count: number,
  options: FollowOptions = {},
): Promise<Part[]> {
  const stop = new AbortController();
  const parts: Part[] = [];
  for await (const piece of followed(output, { ...options, signal: stop.signal })) {
    parts.push({ serverId: piece.serverId, text: piece.data.toString() });
    if (parts.length === count) stop.abort();
  }
  return parts;
}

describe("followed", () => {
  test("goes on from where the last piece ended, and gives no empty pieces", async () => {
    const output = new Output();
    output.texts["a"] = "one ";
    output.onRead = (nth) => {
      if (nth === 2) output.texts["a"] = "one two ";
    };
    expect(await firstParts(output, 2)).toEqual([
      { serverId: "a", text: "one " },
      { serverId: "a", text: "two " },
    ]);
    expect(output.asked).toEqual(["a@0", "a@4", "a@4"]);
  });

  test("begins before the end when asked to", async () => {
    const output = new Output();
    output.texts["a"] = "0123456789";
    expect(await firstParts(output, 1, { tailBytes: 3 })).toEqual([{ serverId: "a", text: "789" }]);
  });

  test("a move: the new machine's output from its beginning, the old one's from where it was left", async () => {
    const output = new Output();
    output.texts["a"] = "a1 ";
    output.texts["b"] = "b1 ";
    output.onRead = (nth) => {
      if (nth === 1) output.owner = "b";
      if (nth === 4) {
        output.owner = "a";
        output.texts["a"] = "a1 a2 ";
      }
    };
    expect((await firstParts(output, 3)).map(({ text }) => text)).toEqual(["a1 ", "b1 ", "a2 "]);
  });

  test("a planned move between two reads: what the job wrote when it was told to stop comes first", async () => {
    const output = new Output();
    output.texts["a"] = "start ";
    output.onRead = (nth) => {
      if (nth !== 1) return;
      output.texts["a"] = "start bye ";
      output.texts["b"] = "hello ";
      output.owner = "b";
    };
    expect(await firstParts(output, 3)).toEqual([
      { serverId: "a", text: "start " },
      { serverId: "a", text: "bye " },
      { serverId: "b", text: "hello " },
    ]);
  });

  test("while nobody runs the job, an empty piece is no end", async () => {
    const output = new Output();
    output.texts["a"] = "one ";
    output.texts["b"] = "an older run ";
    output.onRead = (nth) => {
      if (nth === 1) output.owner = "";
      if (nth === 3) output.texts["a"] = "one two ";
    };
    expect((await firstParts(output, 2)).map(({ text }) => text)).toEqual(["one ", "two "]);
  });

  test("ends at once when it was aborted before", async () => {
    const output = new Output();
    const pieces = followed(output, { signal: AbortSignal.abort() });
    expect((await pieces.next()).done).toBe(true);
    expect(output.asked).toEqual([]);
  });

  test("names the server that it follows, so that an older run elsewhere is not taken for this one", async () => {
    const output = new Output();
    output.texts["a"] = "one ";
    output.onRead = (nth) => {
      if (nth === 2) output.texts["a"] = "one two ";
    };
    await firstParts(output, 2);
    expect(output.wanted).toEqual(["", "a", "a"]);
  });

  test("an error of the first read is passed on", async () => {
    const output = new Output();
    output.onRead = () => {
      throw refusal("unavailable");
    };
    await expect(followed(output, {}).next()).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("a machine that is lost", () => {
  /** The job runs on a; from the second read on every read fails until `reasons` are told; then it runs on b. */
  function losing(reasons: readonly Error[]): Output {
    const output = new Output();
    output.texts["a"] = "a1 ";
    output.texts["b"] = "b1 ";
    output.onRead = (nth) => {
      const reason = reasons[nth - 1];
      if (reason !== undefined) throw reason;
      if (nth > 0) output.owner = "b";
      if (nth > 0) output.silent.add("a");
    };
    return output;
  }

  test("its last lines are read when it answers again, although the next one has taken over", async () => {
    const output = new Output();
    output.texts["a"] = "a1 ";
    output.texts["b"] = "b1 ";
    output.onRead = (nth) => {
      if (nth === 1) {
        output.texts["a"] = "a1 a2 ";
        output.owner = "b";
        output.silent.add("a");
      }
      if (nth === 3) output.silent.clear();
    };
    const told: string[] = [];
    const onInterrupted = ({ code }: QuorateError): void => void told.push(code);
    const parts = await firstParts(output, 3, { onInterrupted });
    expect(parts.map(({ text }) => text)).toEqual(["a1 ", "a2 ", "b1 "]);
    expect(told).toEqual(["QUORATE_API_LOG_UNREACHABLE"]);
    expect(output.asked.slice(0, 4)).toEqual(["a@0", "a@3", "b@3", "a@3"]);
  });

  test("another one's older run is not taken for the next one", async () => {
    const output = new Output();
    output.texts["a"] = "a1 ";
    output.texts["b"] = "an older run ";
    output.onRead = (nth) => {
      if (nth === 1) {
        output.owner = "";
        output.silent.add("a");
      }
      if (nth < 4) return;
      output.silent.clear();
      output.texts["a"] = "a1 a2 ";
    };
    expect((await firstParts(output, 2)).map(({ text }) => text)).toEqual(["a1 ", "a2 "]);
  });

  test("its silence and a successor that has not begun yet are waited out, and told once", async () => {
    const reasons = [
      refusal("unavailable", "QUORATE_API_LOG_UNREACHABLE"),
      refusal("unknown", "QUORATE_API_DEADLINE_EXCEEDED"),
      refusal("not-found", "QUORATE_API_NO_LOG"),
    ];
    const told: string[] = [];
    const onInterrupted = ({ code }: QuorateError): void => void told.push(code);
    const parts = await firstParts(losing(reasons), 2, { onInterrupted });
    expect(parts).toEqual([
      { serverId: "a", text: "a1 " },
      { serverId: "b", text: "b1 " },
    ]);
    expect(told).toEqual(["QUORATE_API_LOG_UNREACHABLE"]);
  });

  test.each([
    refusal("not-found", "QUORATE_STATE_JOB_UNKNOWN"),
    refusal("internal"),
    new Error("a defect"),
  ])("%s is no silence: the following ends with it", async (reason) => {
    await expect(firstParts(losing([reason]), 2)).rejects.toBe(reason);
  });

  test("nobody waits for ever: after ten minutes of silence the reason is told", async () => {
    const reason = refusal("unavailable");
    const output = losing(Array.from({ length: 9 }, () => reason));
    let nowMs = 0;
    output.nowMs = () => (nowMs += 5 * 60_000);
    await expect(firstParts(output, 2)).rejects.toBe(reason);
    expect(output.asked).toHaveLength(4);
  });

  test("the signal ends the waiting", async () => {
    const stop = new AbortController();
    const output = losing(Array.from({ length: 9 }, () => refusal("unavailable")));
    const onInterrupted = (): void => stop.abort();
    const texts: string[] = [];
    for await (const { data } of followed(output, { signal: stop.signal, onInterrupted })) {
      texts.push(data.toString());
    }
    expect(texts).toEqual(["a1 "]);
  });
});
