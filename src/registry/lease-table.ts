// When each session was last renewed, as the leader of this term knows it. The table is never replicated: a new
// leader starts from an empty one and counts every session as renewed at the moment it began to lead (rule L2),
// so that it waits at least as long as any holder may go on.
import type { Cancel, Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { noTerm, type SessionId, type Term } from "../base/numbers.ts";
import type { LeaderDuty, Replica } from "../replica/contract.ts";
import type { LeaseTable } from "./contract.ts";

/** ρ: clocks of two machines may run apart by this share. */
export const clockRateError = 0.01;
/** Added to the leader's wait: covers the holder's rounding and the timer's lateness. */
export const expiryMarginMs = 50;
/** How often the leader looks for expired leases; bounds how late an expiry is noticed. */
export const leaseCheckMs = 50;
/** A gap between two looks above this means that the process was paused: the wait starts again. */
export const pauseToleratedMs = 500;

/** Ended sessions whose last renewal may stay in memory beside as many as are active. */
const rememberedSlack = 64;

/** How long after its last renewal a session of lease L may be expired: L(1 + ρ) + margin. */
export function expiryWaitMs(leaseMs: number): number {
  return leaseMs * (1 + clockRateError) + expiryMarginMs;
}

export interface LeaseTableModules {
  readonly replica: Pick<Replica, "state">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class RenewalTable implements LeaderDuty, LeaseTable {
  readonly name = "leases";
  readonly #modules: LeaseTableModules;
  readonly #renewedAtMs = new Map<SessionId, number>();
  readonly #denied = new Set<SessionId>();
  readonly #sealed = new Set<SessionId>();
  readonly #listeners: (() => void)[] = [];
  #leading = false;
  #term: Term = noTerm;
  /** When the present wait began; nothing that happened earlier counts as a renewal. */
  #waitSinceMs = 0;
  #lastLookMs = 0;
  #cancelLook: Cancel = () => undefined;

  constructor(modules: LeaseTableModules) {
    this.#modules = modules;
  }

  start(term: Term): void {
    this.#leading = true;
    this.#renewedAtMs.clear();
    // The same leadership may only have been doubted for a moment, with an expiry still on its way to the log.
    if (term !== this.#term) this.#denied.clear();
    this.#term = term;
    this.#sealed.clear();
    this.#waitSinceMs = this.#modules.clock.nowMs();
    this.#lastLookMs = this.#waitSinceMs;
    this.#modules.logger.info({ term }, "lease table started");
    this.#scheduleLook();
  }

  stop(): void {
    this.#leading = false;
    this.#cancelLook();
  }

  /** Called whenever `expired()` may have become non-empty; on the leader only. */
  onExpired(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** A renewal that arrived at `arrivedAtMs` was confirmed by a majority. */
  renewed(session: SessionId, arrivedAtMs: number): void {
    // One that arrived before the wait began and is confirmed only now says nothing about what another leader
    // acknowledged, or what lay in the sockets, in between.
    const known = this.#renewedAtMs.get(session) ?? this.#waitSinceMs;
    this.#renewedAtMs.set(session, Math.max(known, arrivedAtMs));
  }

  isDenied(session: SessionId): boolean {
    return this.#denied.has(session);
  }

  deny(session: SessionId): void {
    this.#denied.add(session);
  }

  /**
   * The sentinel stops its jobs and starts none any more. It says so with every renewal until its session ends: a job
   * that it has released already must not come back to it, only to be lost with the session.
   */
  sealed(session: SessionId): void {
    this.#sealed.add(session);
  }

  expired(): readonly SessionId[] {
    if (!this.#leading) return [];
    this.#noticePause();
    const now = this.#modules.clock.nowMs();
    const active = this.#active();
    if (this.#renewedAtMs.size > 2 * active.length + rememberedSlack) this.#forgetEnded();
    return active
      .filter(({ session, leaseMs }) => now - this.#lastRenewalMs(session) > expiryWaitMs(leaseMs))
      .map(({ session }) => session);
  }

  /** Nobody is, on a server that does not lead: it hears no renewals. */
  suspect(serverId: string): boolean {
    if (!this.#leading) return false;
    const row = this.#modules.replica.state.activeSession(serverId);
    if (row === undefined) return true;
    const silentMs = this.#modules.clock.nowMs() - this.#lastRenewalMs(row.session);
    const isEnding = this.#denied.has(row.session) || this.#sealed.has(row.session);
    return isEnding || silentMs > (row.leaseMs * 2) / 3;
  }

  #active(): readonly { readonly session: SessionId; readonly leaseMs: number }[] {
    return this.#modules.replica.state.sessions().filter(({ state }) => state === "active");
  }

  // A session that this leader meets for the first time, because it has just begun to lead or because the session has
  // just registered, counts as renewed at that moment.
  #lastRenewalMs(session: SessionId): number {
    const known = this.#renewedAtMs.get(session);
    if (known !== undefined) return known;
    const now = this.#modules.clock.nowMs();
    this.#renewedAtMs.set(session, now);
    return now;
  }

  #forgetEnded(): void {
    const { state } = this.#modules.replica;
    for (const session of this.#renewedAtMs.keys()) {
      if (state.session(session)?.state === "active") continue;
      this.#renewedAtMs.delete(session);
      this.#denied.delete(session);
      this.#sealed.delete(session);
    }
  }

  // A leader that did not run for a while cannot know which renewals waited in its sockets meanwhile.
  #noticePause(): void {
    const now = this.#modules.clock.nowMs();
    const gapMs = now - this.#lastLookMs;
    this.#lastLookMs = now;
    if (gapMs <= pauseToleratedMs) return;
    this.#modules.logger.warn({ gapMs }, "leader was paused, lease waits start again");
    this.#renewedAtMs.clear();
    this.#waitSinceMs = now;
  }

  #scheduleLook(): void {
    this.#cancelLook = this.#modules.clock.after(leaseCheckMs, () => {
      if (this.expired().length > 0) for (const listener of this.#listeners) listener();
      if (this.#leading) this.#scheduleLook();
    });
  }
}
