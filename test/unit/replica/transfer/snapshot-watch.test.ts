import { expect, test } from "vitest";
import { peerId } from "../../../../src/base/numbers.ts";
import { snapshotStallMs } from "../../../../src/replica/limits.ts";
import { SnapshotWatch } from "../../../../src/replica/transfer/snapshot-watch.ts";

test("a peer that stops pulling is reported once; one that pulls is not", () => {
  const stalled: number[] = [];
  const watch = new SnapshotWatch({ onStalled: (peer) => stalled.push(peer) });
  watch.announced(peerId(1), 0);
  watch.announced(peerId(2), 0);
  watch.active(peerId(3), 0);
  watch.active(peerId(2), snapshotStallMs - 1);
  watch.check(snapshotStallMs - 1);
  expect(stalled).toEqual([]);
  watch.check(snapshotStallMs);
  watch.check(snapshotStallMs + 1);
  expect(stalled).toEqual([1]);
});

test("a broken stream is reported at once, and only for a peer with a snapshot under way", () => {
  const stalled: number[] = [];
  const watch = new SnapshotWatch({ onStalled: (peer) => stalled.push(peer) });
  watch.announced(peerId(1), 0);
  watch.broke(peerId(1));
  watch.broke(peerId(1));
  watch.broke(peerId(2));
  expect(stalled).toEqual([1]);
});
