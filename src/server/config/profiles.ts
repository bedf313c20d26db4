// Lease and election timing belong together: a lease must outlast an election, or the loss of a leader would stop
// healthy jobs everywhere. A profile that breaks the inequality of the lease protocol is refused at start.
import { serverErrors } from "../errors.ts";

export interface LeaseProfile {
  readonly name: string;
  /** L: how long a machine may run its jobs after its last renewal. */
  readonly leaseMs: number;
  /** An election starts between this and twice this after the last sign of a leader. */
  readonly electionMinMs: number;
  readonly heartbeatMs: number;
  /** K: time in which SIGKILL surely works, the sentinel's own lateness included. */
  readonly killBoundMs: number;
}

/** ρ of the lease protocol, in parts of a hundred. */
const clockRatePercent = 1;
/** Slack of the inequality. */
const slackMs = 100;

const profiles: readonly LeaseProfile[] = [
  { name: "fast", leaseMs: 1000, electionMinMs: 75, heartbeatMs: 25, killBoundMs: 100 },
  { name: "default", leaseMs: 3000, electionMinMs: 300, heartbeatMs: 75, killBoundMs: 300 },
  { name: "relaxed", leaseMs: 10_000, electionMinMs: 300, heartbeatMs: 75, killBoundMs: 300 },
];

/** The shortest lease whose holders survive an election: L(1−2ρ) − K ≥ 2·electionMax + L/3 + 100 ms, solved for L. */
export function leaseMsMin({ electionMinMs, killBoundMs }: LeaseProfile): number {
  const electionMaxMs = 2 * electionMinMs;
  const usableShare = (100 - 2 * clockRatePercent) / 100 - 1 / 3;
  return Math.ceil((2 * electionMaxMs + killBoundMs + slackMs) / usableShare);
}

/** The profile, when its holders survive an election; throws UNSAFE_LEASE. */
export function checkedProfile(profile: LeaseProfile): LeaseProfile {
  const { name, leaseMs } = profile;
  const neededMs = leaseMsMin(profile);
  if (leaseMs >= neededMs) return profile;
  throw serverErrors.UNSAFE_LEASE(
    `the lease of profile "${name}" is ${String(leaseMs)} ms; its election timeouts need ${String(neededMs)} ms`,
    { fields: { leaseMs, neededMs } },
  );
}

/** The named profile, checked. */
export function profileNamed(name: string): LeaseProfile {
  const profile = profiles.find((candidate) => candidate.name === name);
  if (profile === undefined) throw serverErrors.UNSAFE_LEASE(`there is no lease profile "${name}"`);
  return checkedProfile(profile);
}
