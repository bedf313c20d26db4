import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { type SessionId, sessionId, term } from "../../../src/base/numbers.ts";
import {
  clockRateError,
  expiryMarginMs,
  expiryWaitMs,
  leaseCheckMs,
  pauseToleratedMs,
  RenewalTable,
} from "../../../src/registry/lease-table.ts";
import type { StateReader } from "../../../src/state/reader.ts";
import type { SessionRow } from "../../../src/state/rows.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

const leaseMs = 3000;
const one = sessionId(1);
const two = sessionId(2);

class Fixture {
  readonly clock = new VirtualClock();
  readonly rows = new Map<SessionId, SessionRow>();
  readonly table: RenewalTable;

  constructor(...sessions: readonly SessionId[]) {
    const state = {
      sessions: () => [...this.rows.values()],
      session: (session: SessionId) => this.rows.get(session),
      activeSession: (serverId: string) =>
        [...this.rows.values()].findLast(
          (row) => row.serverId === serverId && row.state === "active",
        ),
    } as unknown as StateReader;
    this.table = new RenewalTable({
      replica: { state },
      clock: this.clock,
      logger: silentLogger,
    });
    for (const session of sessions) this.put(session, "active");
  }

  put(session: SessionId, state: SessionRow["state"]): void {
    this.rows.set(session, {
      session,
      serverId: `s${String(session)}`,
      leaseMs,
      state,
    } as SessionRow);
  }

  /** Renews `session` every third of its lease for `ms`. */
  async renewing(session: SessionId, ms: number): Promise<void> {
    for (let spentMs = 0; spentMs < ms; spentMs += leaseMs / 3) {
      this.table.renewed(session, this.clock.nowMs());
      await this.clock.run(leaseMs / 3);
    }
  }
}

test("a leadership that was only doubted for a moment keeps what it denied", () => {
  const { table } = new Fixture(one, two);
  table.start(term(2));
  // The plan that ends it is on its way to the log, and may get there.
  table.deny(one);
  table.stop();
  table.start(term(2));
  expect([table.isDenied(one), table.isDenied(two)]).toEqual([true, false]);
  table.stop();
});

test("the wait is L(1 + ρ) and a margin", () => {
  expect(clockRateError).toBe(0.01);
  expect(expiryWaitMs(leaseMs)).toBe(3030 + expiryMarginMs);
});

describe("a new leader (rule L2)", () => {
  test("counts every session as renewed when it begins", async () => {
    const { clock, table } = new Fixture(one, two);
    await clock.run(100_000);
    table.start(term(2));
    expect(table.expired()).toEqual([]);
    await clock.run(expiryWaitMs(leaseMs) - leaseCheckMs);
    expect(table.expired()).toEqual([]);
    await clock.run(2 * leaseCheckMs);
    expect(table.expired()).toEqual([one, two]);
    table.stop();
  });

  test("knows nothing of its earlier leadership", async () => {
    const fixture = new Fixture(one);
    const { clock, table } = fixture;
    table.start(term(2));
    await clock.run(2900);
    table.deny(one);
    table.stop();
    expect(table.expired()).toEqual([]);
    table.start(term(3));
    expect(table.isDenied(one)).toBe(false);
    await clock.run(2900);
    expect(table.expired()).toEqual([]);
    table.stop();
  });

  test("does not take a renewal from before its time for the last one", async () => {
    const { clock, table } = new Fixture(one);
    const arrivedMs = clock.nowMs();
    await clock.run(2000);
    table.start(term(2));
    // Confirmed only now: another leader may have acknowledged later ones in between.
    table.renewed(one, arrivedMs);
    await clock.run(2000);
    expect(table.expired()).toEqual([]);
    table.stop();
  });
});

describe("expiry", () => {
  test("comes only after L(1 + ρ) and the margin without a renewal, of that session alone", async () => {
    const fixture = new Fixture(one, two);
    const { clock, table } = fixture;
    table.start(term(2));
    const told: number[] = [];
    table.onExpired(() => told.push(clock.nowMs()));
    await fixture.renewing(one, 9000);
    expect(table.expired()).toEqual([two]);
    expect(told[0]).toBeGreaterThan(expiryWaitMs(leaseMs));
    expect(told[0]).toBeLessThanOrEqual(expiryWaitMs(leaseMs) + 2 * leaseCheckMs);
    table.stop();
  });

  test("counts from the arrival of a renewal, whatever order they are confirmed in", async () => {
    const { clock, table } = new Fixture(one);
    table.start(term(2));
    await clock.run(1000);
    table.renewed(one, 1000);
    table.renewed(one, 400);
    await clock.run(expiryWaitMs(leaseMs) - 100);
    expect(table.expired()).toEqual([]);
    await clock.run(200);
    expect(table.expired()).toEqual([one]);
    table.stop();
  });

  test("spares a session that registered long after the leader began", async () => {
    const fixture = new Fixture();
    const { clock, table } = fixture;
    table.start(term(2));
    await clock.run(60_000);
    fixture.put(one, "active");
    expect(table.expired()).toEqual([]);
    await clock.run(expiryWaitMs(leaseMs) - leaseCheckMs);
    expect(table.expired()).toEqual([]);
    await clock.run(3 * leaseCheckMs);
    expect(table.expired()).toEqual([one]);
    table.stop();
  });

  test("is a level: it is told until the session has ended", async () => {
    const fixture = new Fixture(one);
    const { clock, table } = fixture;
    let told = 0;
    table.onExpired(() => {
      told += 1;
    });
    table.start(term(2));
    await clock.run(4000);
    expect(told).toBeGreaterThan(1);
    fixture.put(one, "ended");
    const before = told;
    await clock.run(1000);
    expect([told, table.expired()]).toEqual([before, []]);
    table.stop();
  });

  test("is nobody's word once this server leads no more", async () => {
    const { clock, table } = new Fixture(one);
    table.start(term(2));
    table.stop();
    await clock.run(10_000);
    expect(table.expired()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});

test("a leader that was paused starts the wait again", async () => {
  const fixture = new Fixture(one);
  const { clock, table } = fixture;
  table.start(term(2));
  await clock.run(2500);
  clock.stall(pauseToleratedMs + leaseCheckMs + 1000);
  expect(table.expired()).toEqual([]);
  // A renewal that arrived before the pause does not shorten the new wait.
  table.renewed(one, 2500);
  await clock.run(expiryWaitMs(leaseMs) - 2 * leaseCheckMs);
  expect(table.expired()).toEqual([]);
  await clock.run(3 * leaseCheckMs);
  expect(table.expired()).toEqual([one]);
  table.stop();
});

test("a short pause changes nothing", async () => {
  const { clock, table } = new Fixture(one);
  table.start(term(2));
  await clock.run(2800);
  clock.stall(pauseToleratedMs - leaseCheckMs - 1);
  expect(table.expired()).toEqual([one]);
  table.stop();
});

describe("suspicion", () => {
  test("comes after two missed beats, and goes with the next renewal", async () => {
    const { clock, table } = new Fixture(one);
    table.start(term(2));
    expect(table.suspect("s1")).toBe(false);
    await clock.run((leaseMs * 2) / 3 + 1);
    expect(table.suspect("s1")).toBe(true);
    table.renewed(one, clock.nowMs());
    expect(table.suspect("s1")).toBe(false);
    table.stop();
  });

  test("falls on whoever has no session or is denied", () => {
    const { table } = new Fixture(one);
    table.start(term(2));
    expect(table.suspect("s9")).toBe(true);
    table.deny(one);
    expect(table.suspect("s1")).toBe(true);
    table.stop();
  });

  test("is never a follower's", async () => {
    const { clock, table } = new Fixture(one);
    await clock.run(10_000);
    expect(table.suspect("s1")).toBe(false);
    expect(table.suspect("s9")).toBe(false);
  });
});
