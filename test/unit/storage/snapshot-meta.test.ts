import fc from "fast-check";
import { expect, test } from "vitest";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import type { SnapshotMeta } from "../../../src/raft/types.ts";
import { decodeSnapshotMeta, encodeSnapshotMeta } from "../../../src/storage/snapshot-meta.ts";

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const peers = fc.array(number.map(peerId), { maxLength: 5 });
const metas: fc.Arbitrary<SnapshotMeta> = fc.record({
  index: number.map(index),
  term: number.map(term),
  membership: fc.record({
    voters: peers,
    learners: peers,
    votersOutgoing: peers,
    learnersNext: peers,
    autoLeave: fc.boolean(),
  }),
});

test("every description survives the way to bytes and back", () => {
  fc.assert(
    fc.property(metas, (meta) => {
      expect(decodeSnapshotMeta(encodeSnapshotMeta(meta))).toEqual(meta);
    }),
  );
});

test("cut or prolonged bytes are refused", () => {
  fc.assert(
    fc.property(metas, fc.nat(), (meta, at) => {
      const bytes = encodeSnapshotMeta(meta);
      expect(() => decodeSnapshotMeta(bytes.subarray(0, at % bytes.length))).toThrow();
      expect(() => decodeSnapshotMeta(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow();
    }),
  );
});
