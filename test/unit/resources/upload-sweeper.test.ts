import { expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { term } from "../../../src/base/numbers.ts";
import type { Replica } from "../../../src/replica/contract.ts";
import { uploadIdleMs, uploadLookMs } from "../../../src/resources/limits.ts";
import { UploadSweeper } from "../../../src/resources/upload-sweeper.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

interface Row {
  readonly uploadId: string;
  chunks: readonly string[];
  receipts: readonly number[];
}

function fixture() {
  const clock = new VirtualClock();
  const rows = new Map<string, Row>();
  const ended: unknown[] = [];
  let refuse = false;
  const replica = {
    state: { uploads: () => [...rows.values()] },
    propose: (command: { readonly uploadId: string }, options: object) => {
      ended.push({ ...command, ...options });
      if (refuse) return Promise.reject(new Error("no majority"));
      rows.delete(command.uploadId);
      return Promise.resolve();
    },
  } as unknown as Replica;
  const sweeper = new UploadSweeper({ replica, clock, logger: silentLogger });
  const open = (uploadId: string): Row => {
    const row = { uploadId, chunks: [], receipts: [] };
    rows.set(uploadId, row);
    return row;
  };
  const refusing = (value: boolean): void => {
    refuse = value;
  };
  return { clock, rows, ended, sweeper, open, refusing };
}

test("an upload without progress is ended, one that moves is not", async () => {
  const { clock, rows, ended, sweeper, open } = fixture();
  open("idle");
  const busy = open("busy");
  const receiving = open("receiving");
  sweeper.start(term(7));
  for (let spentMs = 0; spentMs < uploadIdleMs + 2 * uploadLookMs; spentMs += uploadLookMs) {
    busy.chunks = [...busy.chunks, "x"];
    receiving.receipts = [...receiving.receipts, 1];
    await clock.run(uploadLookMs);
  }
  expect([...rows.keys()]).toEqual(["busy", "receiving"]);
  expect(ended).toMatchObject([{ kind: "abort-upload", uploadId: "idle", term: 7 }]);
  sweeper.stop();
});

test("a new leader gives every upload the whole time again", async () => {
  const { clock, rows, sweeper, open } = fixture();
  open("idle");
  sweeper.start(term(1));
  await clock.run(uploadIdleMs - uploadLookMs);
  sweeper.stop();
  sweeper.start(term(2));
  await clock.run(uploadIdleMs - uploadLookMs);
  expect(rows.size).toBe(1);
  sweeper.stop();
});

test("an end that fails is tried again, and nothing runs after the stop", async () => {
  const { clock, rows, ended, sweeper, open, refusing } = fixture();
  open("idle");
  refusing(true);
  sweeper.start(term(1));
  await clock.run(uploadIdleMs + 3 * uploadLookMs);
  expect(ended.length).toBeGreaterThan(1);
  refusing(false);
  await clock.run(uploadLookMs);
  expect(rows.size).toBe(0);
  sweeper.stop();
  expect(clock.waiting).toBe(0);
});
