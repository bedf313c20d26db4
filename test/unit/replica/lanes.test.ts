import { expect, test } from "vitest";
import { index, noIndex, noTerm, peerId, term } from "../../../src/base/numbers.ts";
import type { Message } from "../../../src/raft/types.ts";
import { Inbox } from "../../../src/replica/inbox.ts";
import { Outbox } from "../../../src/replica/outbox.ts";

const envelope = { from: peerId(1), to: peerId(2), term: term(3) };

function append(size: number): Message {
  const data = new Uint8Array(size);
  const entries = [{ index: index(1), term: term(3), type: "normal", data } as const];
  const rest = { prevIndex: noIndex, prevTerm: noTerm, commit: noIndex, progressId: 1 };
  return { kind: "append", ...envelope, ...rest, entries };
}

const heartbeat: Message = { kind: "heartbeat", ...envelope, commit: noIndex, readRound: 0 };
const timeoutNow: Message = { kind: "timeout-now", ...envelope };

function outboxOf(): { outbox: Outbox; sent: string[]; announced: number[] } {
  const sent: string[] = [];
  const announced: number[] = [];
  const outbox = new Outbox({
    transport: {
      send: (lane, messages) => sent.push(`${lane} ${messages.map(({ kind }) => kind).join(" ")}`),
    },
    onSnapshotAnnounced: (peer) => announced.push(peer),
  });
  return { outbox, sent, announced };
}

test("appends of any size go by bulk, so that they never overtake each other; the rest by control", () => {
  const { outbox, sent } = outboxOf();
  outbox.send([append(1), heartbeat, append(1_000_000), timeoutNow]);
  outbox.send([]);
  expect(sent).toEqual(["control heartbeat timeout-now", "bulk append append"]);
});

test("a muted outbox keeps back what keeps followers loyal", () => {
  const { outbox, sent } = outboxOf();
  outbox.mute();
  outbox.send([append(1), heartbeat, timeoutNow]);
  outbox.unmute();
  outbox.send([heartbeat]);
  expect(sent).toEqual(["control timeout-now", "control heartbeat"]);
});

test("an announced snapshot is reported", () => {
  const { outbox, announced } = outboxOf();
  const membership = {
    voters: [],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  };
  const snapshot = { index: index(1), term: term(1), membership };
  outbox.send([{ kind: "snapshot", ...envelope, snapshot, progressId: 1 }]);
  expect(announced).toEqual([2]);
});

test("the inbox is bounded by count and by bytes, and counts what it drops", () => {
  const inbox = new Inbox({ inboxMessagesMax: 3, inboxBytesMax: 100 });
  expect(inbox.add(append(60))).toBe(true);
  expect(inbox.add(append(60))).toBe(false);
  expect(inbox.add(heartbeat)).toBe(true);
  expect(inbox.add(heartbeat)).toBe(true);
  expect(inbox.add(heartbeat)).toBe(false);
  expect(inbox.dropped).toBe(2);
  expect(inbox.take().map(({ kind }) => kind)).toEqual(["append", "heartbeat", "heartbeat"]);
  expect(inbox.take()).toEqual([]);
  expect(inbox.add(append(100))).toBe(true);
});
