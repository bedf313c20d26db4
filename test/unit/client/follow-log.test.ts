import { describe, expect, test } from "vitest";
import { followed } from "../../../src/client/follow-log.ts";

interface Part {
  readonly serverId: string;
  readonly text: string;
}

/** The output of two servers; `owner` answers, and each read may change it. */
class Output {
  readonly texts: Record<string, string> = { a: "", b: "" };
  readonly asked: string[] = [];
  owner = "a";
  onRead: (nth: number) => void = () => {};

  read = async ({ offset, tailBytes = 0 }: { offset: number; tailBytes?: number }) => {
    this.onRead(this.asked.length);
    this.asked.push(`${this.owner}@${String(offset)}`);
    const all = Buffer.from(this.texts[this.owner] ?? "");
    const from = tailBytes > 0 ? Math.max(0, all.length - tailBytes) : Math.min(offset, all.length);
    const data = all.subarray(from);
    return { data, nextOffset: all.length, serverId: this.owner, truncated: false };
  };
}

async function firstParts(
  output: Output,
  count: number,
  options: { offset?: number; tailBytes?: number } = {},
): Promise<Part[]> {
  const stop = new AbortController();
  const parts: Part[] = [];
  for await (const piece of followed(output.read, { ...options, signal: stop.signal })) {
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

  test("ends at once when it was aborted before", async () => {
    const output = new Output();
    const pieces = followed(output.read, { signal: AbortSignal.abort() });
    expect((await pieces.next()).done).toBe(true);
    expect(output.asked).toEqual([]);
  });

  test("an error of a read is passed on", async () => {
    const pieces = followed(() => Promise.reject(new Error("gone")), {});
    await expect(pieces.next()).rejects.toThrow("gone");
  });
});
