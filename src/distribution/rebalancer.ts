// The leader's planner at work. Repair now: orphans are placed in the same entry that expires their owners.
// Balance later: when neither servers nor jobs have come or gone for a while, surplus is moved, a little at a time, by
// the two-phase hand-off. Everything is level-triggered: each pass looks at the whole table and may be repeated,
// delayed or lost without harm, because the state machine checks every move against its row.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noEpoch, noSession, noTerm, type SessionId, type Term } from "../base/numbers.ts";
import { algorithmVersion, planBalance, planDrain, planRepair } from "../placement/planner.ts";
import type { PlacementInput, PlacementMove } from "../placement/types.ts";
import type { LeaseTable } from "../registry/contract.ts";
import type { LeaderDuty, Replica } from "../replica/contract.ts";
import type { ApplyPlan, PlanMove } from "../state/commands.ts";
import type { Owner } from "../state/rows.ts";
import type { PlannerInput } from "./planner-input.ts";
import { QuietTime } from "./quiet-time.ts";

/** How long servers and jobs must be the same before jobs that run are moved to even things out. */
export const balanceHoldMsDefault = 30_000;
/** Share of all jobs that may be on their way at once, in parts of a hundred; at least one job. */
const movingPercentMax = 10;
/** A pass that failed, or left something unplaced, is repeated after this. */
const retryMs = 250;
/** Missed beats and their end leave no trace in the tables, so the leader looks again without a reason. */
const lookMs = 5000;
/**
 * Bound of one entry, because every server applies it in one step that nothing interrupts: some tens of milliseconds.
 * The next pass goes on where this one stopped.
 */
const movesPerPlanMax = 1000;

export interface RebalancerOptions {
  readonly balanceHoldMs: number;
}

export interface RebalancerModules {
  readonly replica: Replica;
  readonly leases: LeaseTable & { onExpired(listener: () => void): void };
  readonly input: PlannerInput;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Rebalancer implements LeaderDuty {
  readonly name = "rebalancer";
  readonly #modules: RebalancerModules;
  #leading = false;
  #term: Term = noTerm;
  #proposing = false;
  #again = false;
  readonly #quiet: QuietTime;
  #unsubscribe: () => void = () => undefined;
  #cancelPass: Cancel = () => undefined;
  #cancelTimer: Cancel = () => undefined;
  /** When the timer fires; the earliest wish counts. */
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(options: RebalancerOptions, modules: RebalancerModules) {
    this.#quiet = new QuietTime({ holdMs: options.balanceHoldMs });
    this.#modules = modules;
    modules.leases.onExpired(() => {
      this.#wake();
    });
  }

  start(term: Term): void {
    const { replica, clock, logger } = this.#modules;
    this.#leading = true;
    this.#term = term;
    this.#quiet.begin(clock.nowMs());
    this.#unsubscribe = replica.watch.subscribe(
      ["servers", "sessions", "jobs/", "assignments"],
      () => {
        this.#wake();
      },
    );
    logger.info({ term }, "rebalancer started");
    this.#wake();
  }

  stop(): void {
    this.#leading = false;
    this.#unsubscribe();
    this.#cancelPass();
    this.#clearTimer();
  }

  // Many rows may change in one turn; they are looked at together.
  #wake(): void {
    if (!this.#leading) return;
    if (this.#proposing) {
      this.#again = true;
      return;
    }
    this.#cancelPass();
    this.#cancelPass = this.#modules.clock.yield(() => {
      void this.#pass();
    });
  }

  #wakeAfter(delayMs: number): void {
    const { clock } = this.#modules;
    const atMs = clock.nowMs() + delayMs;
    if (!this.#leading || atMs >= this.#timerAtMs) return;
    this.#clearTimer();
    this.#timerAtMs = atMs;
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#wake();
    });
  }

  #clearTimer(): void {
    this.#cancelTimer();
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }

  async #pass(): Promise<void> {
    if (!this.#leading || this.#proposing) return;
    this.#clearTimer();
    const plan = this.#planSafely();
    this.#wakeAfter(lookMs);
    if (plan === undefined) return;
    this.#proposing = true;
    try {
      const options = { actor: "leader", term: this.#term };
      const { detail } = await this.#modules.replica.propose(plan, options);
      // A plan of which nothing was carried out would only be made again.
      if (plan.expire.length > 0 || (detail.kind === "plan" && detail.moved.length > 0)) {
        this.#again = true;
      } else this.#wakeAfter(retryMs);
    } catch (error) {
      // A plan whose outcome is unknown may still be applied; the next pass sees what the table says then.
      this.#modules.logger.warn({ error: messageOf(error) }, "plan was not committed");
      this.#wakeAfter(retryMs);
    } finally {
      this.#proposing = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#wake();
    }
  }

  /** A planner that fails must not stop one leader after the other: expiries go on without it, and it is said. */
  #planSafely(): ApplyPlan | undefined {
    const { leases, logger } = this.#modules;
    const expired = leases.expired();
    try {
      return this.#plan(expired);
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      logger.error({ error: messageOf(error), stack }, "the planner failed");
      if (expired.length === 0) return undefined;
      for (const session of expired) leases.deny(session);
      return plan({ expire: expired, moves: [], reason: "lease expired" });
    }
  }

  #plan(expired: readonly SessionId[]): ApplyPlan | undefined {
    const { leases, input, logger } = this.#modules;
    const observed = { expired: new Set(expired), suspect: (id: string) => leases.suspect(id) };
    const table = input.build(observed);
    this.#notice(table);
    const repair = planRepair(table);
    const repairs = this.#assigns(repair.moves);
    if (repair.unplaced.length > 0) this.#wakeAfter(retryMs);
    if (expired.length > 0 || repairs.length > 0) {
      for (const session of expired) leases.deny(session);
      logger.info({ expired, jobs: repairs.length }, "repair planned");
      const reason = expired.length > 0 ? "lease expired" : "placed";
      return plan({ expire: expired, moves: repairs, reason });
    }
    const shifts = this.#revokes(this.#shifts(table));
    if (shifts.length === 0) return undefined;
    logger.info({ jobs: shifts.length }, "balance planned");
    return plan({ expire: [], moves: shifts, reason: "balance" });
  }

  #notice({ servers, jobs }: PlacementInput): void {
    const eligible = servers
      .filter((server) => server.eligible)
      .map(({ id, capacity }) => `${id}:${String(capacity)}`)
      .sort()
      .join(" ");
    const slots = jobs.reduce((sum, job) => sum + job.slots, 0);
    const scene = { servers: eligible, jobs: jobs.length, slots };
    this.#quiet.notice(scene, this.#modules.clock.nowMs());
  }

  /** Moves of jobs that run: those of draining servers at once, surplus only when things are quiet. */
  #shifts(table: PlacementInput): readonly PlacementMove[] {
    const moving = table.jobs.filter(
      ({ owner, movable }) => owner !== undefined && !movable,
    ).length;
    const movingMax = Math.max(1, Math.floor((table.jobs.length * movingPercentMax) / 100));
    const movesMax = movingMax - moving;
    if (movesMax <= 0) return [];
    const draining = this.#modules.replica.state
      .servers()
      .filter(
        ({ admin, role }) => role !== "removed" && (admin === "draining" || admin === "leaving"),
      )
      .map(({ profile }) => profile.serverId);
    const drained = planDrain(table, { serverIds: draining, movesMax }).moves;
    if (drained.length > 0) return drained;
    const surplus = planBalance(table, { movesMax }).moves;
    if (surplus.length === 0) {
      this.#quiet.balanced();
      return [];
    }
    const waitMs = this.#quiet.waitMs(this.#modules.clock.nowMs());
    if (waitMs === 0) return surplus;
    this.#wakeAfter(waitMs);
    return [];
  }

  #owner(serverId: string): Owner | undefined {
    const session = this.#modules.replica.state.activeSession(serverId)?.session;
    return session === undefined ? undefined : { serverId, session };
  }

  #moves(action: PlanMove["action"], moves: readonly PlacementMove[]): readonly PlanMove[] {
    const { state } = this.#modules.replica;
    return moves.slice(0, movesPerPlanMax).flatMap(({ job, to }) => {
      const row = state.assignment(job);
      const owner = this.#owner(to);
      if (row === undefined || owner === undefined) return [];
      const { assignment } = row;
      const held = assignment.state === "assigned" || assignment.state === "revoking";
      const prevSession: SessionId = held ? assignment.owner.session : noSession;
      return [{ action, jobId: job, prevSession, prevEpoch: row.epoch, to: owner }];
    });
  }

  #assigns(moves: readonly PlacementMove[]): readonly PlanMove[] {
    return this.#moves("assign", moves);
  }

  #revokes(moves: readonly PlacementMove[]): readonly PlanMove[] {
    return this.#moves("revoke", moves).filter(({ prevEpoch }) => prevEpoch !== noEpoch);
  }
}

function plan(parts: Pick<ApplyPlan, "expire" | "moves" | "reason">): ApplyPlan {
  return { kind: "apply-plan", algorithmVersion, ...parts };
}
