import { describe, expect, test } from "vitest";
import { ProcessClock } from "../../sim/clock.ts";
import { type Owner, Schedule } from "../../sim/schedule.ts";

function owner(): Owner {
  return { isAlive: true, isPaused: false, held: [] };
}

async function runAll(schedule: Schedule, untilMs = 1000): Promise<void> {
  while ((await schedule.step(untilMs)) !== false);
}

describe("the schedule", () => {
  test("runs by time, and in the order of asking at the same time", async () => {
    const schedule = new Schedule();
    const ran: string[] = [];
    schedule.after(5, undefined, () => void ran.push("late"));
    schedule.after(1, undefined, () => void ran.push("first"));
    schedule.after(1, undefined, () => void ran.push("second"));
    schedule.after(2, undefined, () => void ran.push("never"))();
    await runAll(schedule);
    expect(ran).toEqual(["first", "second", "late"]);
    expect(schedule.nowMs).toBe(1000);
    expect(schedule.steps).toBe(3);
  });

  test("counts what happens without time passing", async () => {
    const schedule = new Schedule();
    for (let i = 0; i < 3; i += 1) schedule.after(1, undefined, () => undefined);
    await runAll(schedule, 1);
    expect(schedule.stepsNow).toBe(3);
    schedule.after(1, undefined, () => undefined);
    await runAll(schedule, 2);
    expect(schedule.stepsNow).toBe(1);
  });

  test("lets promises run between two events", async () => {
    const schedule = new Schedule();
    const ran: string[] = [];
    schedule.after(1, undefined, () => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => ran.push("reaction"));
    });
    schedule.after(1, undefined, () => void ran.push("event"));
    await runAll(schedule);
    expect(ran).toEqual(["reaction", "event"]);
  });

  test("a dead process's events vanish, a stopped one's come late and in order", async () => {
    const schedule = new Schedule();
    const [dead, stopped] = [owner(), owner()];
    const ran: string[] = [];
    dead.isAlive = false;
    stopped.isPaused = true;
    schedule.after(1, dead, () => void ran.push("dead"));
    schedule.after(1, stopped, () => void ran.push(`one at ${schedule.nowMs}`));
    schedule.after(2, stopped, () => void ran.push(`two at ${schedule.nowMs}`));
    await runAll(schedule, 10);
    expect(ran).toEqual([]);
    stopped.isPaused = false;
    schedule.release(stopped);
    await runAll(schedule, 20);
    expect(ran).toEqual(["one at 10", "two at 10"]);
  });

  test("a timer of a fast clock is never early, and the smallest rest still moves the time", async () => {
    const schedule = new Schedule();
    const clock = new ProcessClock({ originMs: 100, rate: 1.25 }, { schedule, owner: owner() });
    let rangAtMs = 0;
    clock.after(10, () => {
      rangAtMs = clock.nowMs();
    });
    await runAll(schedule);
    expect(rangAtMs).toBeGreaterThanOrEqual(110);
    expect(rangAtMs).toBeLessThan(110.01);
    const beforeMs = schedule.nowMs;
    clock.after(1e-12, () => undefined);
    await runAll(schedule, 2000);
    expect(schedule.nowMs).toBeGreaterThan(beforeMs);
  });
});
