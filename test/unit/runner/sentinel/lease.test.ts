import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionFailed } from "../../../../src/base/assert.ts";
import { Lease, leaseDeadlineMs, renewIntervalMs } from "../../../../src/runner/sentinel/lease.ts";
import { clockRateErrorRatio } from "../../../../src/runner/sentinel/limits.ts";
import { SuspendWatch } from "../../../../src/runner/sentinel/suspend.ts";

const terms = { leaseMs: 3000, killBoundMs: 100 };

describe("the deadline (L3)", () => {
  test("counts from the sending: L(1 − 2ρ) − K", () => {
    expect(leaseDeadlineMs(1000, terms)).toBe(1000 + 2940 - 100);
    expect(renewIntervalMs(3000)).toBe(1000);
  });

  // The leader begins to wait when the renewal arrives, which is after it was sent, and waits L(1 + ρ) by its own clock.
  test("comes before the leader's expiry, kill bound included, for clocks within ρ of true time", () => {
    const rate = fc.double({
      min: 1 - clockRateErrorRatio,
      max: 1 + clockRateErrorRatio,
      noNaN: true,
    });
    const delay = fc.double({ min: 0, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(rate, rate, delay, (holderRate, leaderRate, delayMs) => {
        const fencedAt =
          (terms.leaseMs * (1 - 2 * clockRateErrorRatio) - terms.killBoundMs) / holderRate;
        const expiredAt = delayMs + (terms.leaseMs * (1 + clockRateErrorRatio)) / leaderRate;
        return fencedAt + terms.killBoundMs <= expiredAt;
      }),
    );
  });

  test("terms that leave no room are a programmer's error", () => {
    expect(() => new Lease({ leaseMs: 300, killBoundMs: 250 })).toThrow(AssertionFailed);
  });
});

describe("what holds the lease", () => {
  test("nothing before the first answer", () => {
    const lease = new Lease(terms);
    lease.sent(1, 1000);
    expect(lease.holds(1000)).toBe(false);
    expect(lease.isRenewed).toBe(false);
    expect(lease.acknowledged(1)).toBe(true);
    expect(lease.holds(3839)).toBe(true);
    expect(lease.holds(3840)).toBe(false);
  });

  test("answers in any order: the latest sending counts, an older one never takes back", () => {
    const lease = new Lease(terms);
    lease.sent(1, 1000);
    lease.sent(2, 1150);
    expect(lease.acknowledged(2)).toBe(true);
    expect(lease.acknowledged(1)).toBe(false);
    expect(lease.deadlineMs).toBe(leaseDeadlineMs(1150, terms));
  });

  test("an answer to something that was never sent, or twice, counts nothing", () => {
    const lease = new Lease(terms);
    lease.sent(1, 1000);
    lease.lost(1);
    expect(lease.acknowledged(1)).toBe(false);
    expect(lease.acknowledged(9)).toBe(false);
    expect(lease.holds(1000)).toBe(false);
  });

  test("after an attachment only a renewal sent since then allows starts", () => {
    const lease = new Lease(terms);
    lease.sent(1, 1000);
    lease.sent(2, 1400);
    lease.acknowledged(1);
    lease.requireRenewalFrom(1500);
    expect(lease.isRenewed).toBe(false);
    lease.acknowledged(2);
    expect(lease.isRenewed).toBe(false);
    expect(lease.holds(1500)).toBe(true);
    lease.sent(3, 1500);
    lease.acknowledged(3);
    expect(lease.isRenewed).toBe(true);
  });

  test("sleep takes everything that was sent before it", () => {
    const lease = new Lease(terms);
    lease.sent(1, 1000);
    lease.acknowledged(1);
    lease.sent(2, 1500);
    lease.invalidate();
    expect(lease.holds(1500)).toBe(false);
    lease.acknowledged(2);
    expect(lease.holds(1500)).toBe(false);
    lease.sent(3, 1600);
    lease.acknowledged(3);
    expect(lease.holds(1600)).toBe(true);
  });
});

describe("sleep (L4)", () => {
  const clocks = { mono: 5000, boot: 90_000 };
  /** Added to both clocks by every reading: a process that is descheduled between two readings. */
  let slowMs = 0;
  const read = (which: "mono" | "boot") => (): number => {
    const value = clocks[which];
    clocks.mono += slowMs;
    clocks.boot += slowMs;
    return value;
  };
  const watch = (): SuspendWatch =>
    new SuspendWatch({ monotonicMs: read("mono"), bootMs: read("boot") });
  const pass = (ms: number): void => {
    clocks.mono += ms;
    clocks.boot += ms;
  };

  test("is told once, from 200 ms on", () => {
    slowMs = 0;
    const suspend = watch();
    expect(suspend.hasSlept()).toBe(false);
    pass(100_000);
    clocks.boot += 150;
    expect(suspend.hasSlept()).toBe(false);
    clocks.boot += 100;
    expect(suspend.hasSlept()).toBe(true);
    expect(suspend.hasSlept()).toBe(false);
  });

  test("a busy machine does not look asleep", () => {
    slowMs = 700;
    const suspend = watch();
    for (let look = 0; look < 10; look += 1) {
      expect(suspend.hasSlept()).toBe(false);
      pass(100);
    }
    clocks.boot += 2000;
    expect(suspend.hasSlept()).toBe(true);
  });
});
