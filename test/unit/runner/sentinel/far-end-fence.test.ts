import { expect, test } from "vitest";
import { type FenceView, refusal } from "../../../../src/runner/sentinel/far-end-fence.ts";

const open: FenceView = {
  ...{ session: 7, isSealed: false, isRenewed: true, holdsLease: true },
  ...{ releasedEpoch: 0, latestEpoch: 0 },
};
const order = { jobId: "j1", epoch: 5, session: 7 };

test("an order of the own session under a held lease may be executed", () => {
  expect(refusal(order, open)).toBeUndefined();
  expect(refusal(order, { ...open, releasedEpoch: 4, latestEpoch: 4 })).toBeUndefined();
  expect(refusal(order, { ...open, latestEpoch: 5 })).toBeUndefined();
});

test.each([
  ["another session", { session: 8 }, "OTHER_SESSION"],
  ["no session", { session: 0 }, "OTHER_SESSION"],
  ["sealed", { isSealed: true }, "SEALED"],
  ["not renewed since the server attached", { isRenewed: false }, "NOT_RENEWED"],
  ["deadline passed", { holdsLease: false }, "LEASE_OVER"],
  ["epoch released", { releasedEpoch: 5 }, "RELEASED"],
  ["higher epoch released", { releasedEpoch: 6 }, "RELEASED"],
  ["newer epoch started here", { latestEpoch: 6 }, "OLD_EPOCH"],
])("%s: refused", (_name, view, code) => {
  expect(refusal(order, { ...open, ...view })?.code).toBe(`QUORATE_SENTINEL_${code}`);
});

test("session 0 in the order never fits session 0 of a sentinel without one", () => {
  expect(refusal({ ...order, session: 0 }, { ...open, session: 0 })?.code).toBe(
    "QUORATE_SENTINEL_OTHER_SESSION",
  );
});
