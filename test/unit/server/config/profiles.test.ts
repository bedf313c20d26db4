import { describe, expect, test } from "vitest";
import { renewIntervalMs } from "../../../../src/runner/sentinel/lease.ts";
import { serverOptions } from "../../../../src/server/config/options.ts";
import {
  checkedProfile,
  type LeaseProfile,
  leaseMsMin,
  profileNamed,
} from "../../../../src/server/config/profiles.ts";

const names = serverOptions.find(({ name }) => name === "lease")?.choices ?? [];

/** L(1 − 2ρ) − K ≥ 2 · electionMax + renewal interval + 100 ms, in the words of the protocol. */
function holds({ leaseMs, killBoundMs, electionMinMs }: LeaseProfile): boolean {
  const electionMaxMs = 2 * electionMinMs;
  return leaseMs * 0.98 - killBoundMs >= 2 * electionMaxMs + renewIntervalMs(leaseMs) + 100;
}

describe("lease profiles", () => {
  test.each(names)("%s outlasts an election", (name) => {
    const profile = profileNamed(name);
    expect(profile.name).toBe(name);
    expect(holds(profile)).toBe(true);
    expect(profile.heartbeatMs * 2).toBeLessThanOrEqual(profile.electionMinMs);
  });

  test("there are three, and the fast one is the shortest", () => {
    const leases = names.map((name) => profileNamed(name).leaseMs);
    expect(leases).toEqual([1000, 3000, 10_000]);
  });

  test("the shortest lease of a profile is where the inequality begins to hold", () => {
    for (const name of names) {
      const profile = profileNamed(name);
      const shortest = leaseMsMin(profile);
      expect(holds({ ...profile, leaseMs: shortest + 1 })).toBe(true);
      expect(holds({ ...profile, leaseMs: shortest - 2 })).toBe(false);
    }
  });

  test("a lease that is too short for its elections is refused with both numbers", () => {
    const broken = { ...profileNamed("default"), name: "broken", leaseMs: 1500 };
    expect(() => checkedProfile(broken)).toThrow(
      expect.objectContaining({
        code: "QUORATE_SERVER_UNSAFE_LEASE",
        fields: { leaseMs: 1500, neededMs: leaseMsMin(broken) },
      }) as Error,
    );
    expect(() => profileNamed("none")).toThrow(/no lease profile "none"/);
  });
});
