import { describe, expect, test } from "vitest";
import type { Clock } from "../../../src/base/clock.ts";
import { decodeHello, messagesKey, readRequest } from "../../../src/transport/grpc/frames.ts";
import { type LaneItem, LaneWriter } from "../../../src/transport/grpc/lane-writer.ts";
import { frameBytesMax, unflushedFramesMax } from "../../../src/transport/limits.ts";

/** Turns end when the test says so. */
class Turns implements Clock {
  #queue: (() => void)[] = [];
  nowMs(): number {
    return 0;
  }
  after(): () => void {
    throw new Error("a lane uses no timers");
  }
  yield(callback: () => void): () => void {
    this.#queue.push(callback);
    return () => undefined;
  }
  end(): void {
    for (const callback of this.#queue.splice(0)) callback();
  }
}

const item = (bytes: number, fill = 1): LaneItem => ({
  key: messagesKey,
  head: new Uint8Array(1).fill(fill),
  tail: new Uint8Array(bytes - 1).fill(fill),
  state: "queued",
});

function setUp(limits = { queueBytesMax: 1e8, queueMessagesMax: 1e5 }) {
  const turns = new Turns();
  const frames: Buffer[] = [];
  const flushed: (() => void)[] = [];
  const writer = new LaneWriter(limits, {
    clock: turns,
    write: (frame, done) => {
      frames.push(frame);
      flushed.push(done);
    },
  });
  const contents = (): number[][] =>
    frames.map((frame) => {
      const firsts: number[] = [];
      readRequest(frame, {
        message: (bytes) => firsts.push(bytes[0] ?? -1),
        call: () => undefined,
      });
      return firsts;
    });
  return { turns, frames, flushed, writer, contents };
}

describe("lane writer", () => {
  test("one write per turn, whatever was queued in it", () => {
    const { turns, writer, contents } = setUp();
    for (let i = 0; i < 100; i += 1) expect(writer.push(item(200, i))).toBe(true);
    expect(contents()).toEqual([]);
    turns.end();
    writer.push(item(3, 7));
    turns.end();
    turns.end();
    expect(contents()).toEqual([Array.from({ length: 100 }, (_, i) => i), [7]]);
  });

  test("frames are closed at their limit; a larger item travels alone", () => {
    const { turns, writer, frames, contents } = setUp();
    for (const fill of [1, 2, 3]) writer.push(item(frameBytesMax * 0.4, fill));
    turns.end();
    expect(contents()).toEqual([[1, 2], [3]]);
    const large = setUp();
    large.writer.push(item(10, 1));
    large.writer.push(item(frameBytesMax * 2, 2));
    large.writer.push(item(10, 3));
    large.turns.end();
    expect(large.contents()).toEqual([[1], [2]]);
    expect(Math.max(...frames.map(({ length }) => length))).toBeLessThanOrEqual(frameBytesMax);
  });

  test("while the stream has not taken what it got, the rest waits, in order and bounded", () => {
    const { turns, writer, flushed, contents } = setUp({
      queueBytesMax: 1000,
      queueMessagesMax: 3,
    });
    for (let i = 0; i < unflushedFramesMax; i += 1) {
      writer.push(item(10, i));
      turns.end();
    }
    expect([20, 21, 22].map((fill) => writer.push(item(10, fill)))).toEqual([true, true, true]);
    expect(writer.push(item(10, 23))).toBe(false);
    turns.end();
    expect(contents()).toHaveLength(unflushedFramesMax);
    flushed[0]?.();
    turns.end();
    expect(contents().at(-1)).toEqual([20, 21, 22]);
    expect(writer.push(item(10, 24))).toBe(true);
  });

  test("the byte limit counts what waits, not what was written", () => {
    const { turns, writer } = setUp({ queueBytesMax: 100, queueMessagesMax: 10 });
    expect([60, 60].map((bytes) => writer.push(item(bytes)))).toEqual([true, false]);
    turns.end();
    expect(writer.push(item(60))).toBe(true);
  });

  test("withdrawn items are not written, written ones are marked", () => {
    const { turns, writer, contents } = setUp();
    const [gone, stays] = [item(5, 1), item(5, 2)];
    writer.push(gone);
    writer.push(stays);
    gone.state = "withdrawn";
    turns.end();
    expect(contents()).toEqual([[2]]);
    expect(stays.state).toBe("written");
    const only = item(5, 3);
    writer.push(only);
    only.state = "withdrawn";
    turns.end();
    expect(contents()).toHaveLength(1);
  });

  test("after close nothing is queued or written", () => {
    const { turns, writer, frames } = setUp();
    writer.push(item(5));
    writer.close();
    turns.end();
    expect(frames).toEqual([]);
    expect(writer.push(item(5))).toBe(false);
  });

  test("frames that are not protobuf are noticed", () => {
    expect(() => decodeHello(Buffer.from([0x0a, 5, 1]))).toThrow();
    expect(() => decodeHello(Buffer.from([0x0f]))).toThrow();
    expect(decodeHello(Buffer.from([0x2a, 1, 9, 0x0a, 1, 7]))).toEqual(Uint8Array.of(7));
  });
});
