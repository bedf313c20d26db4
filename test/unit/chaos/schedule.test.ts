import { describe, expect, test } from "vitest";
import { describeFault, drawSchedule, type Fault, inOrder } from "../../chaos/schedule.ts";

const options = { seed: 7, durationMs: 600_000, hasNetwork: true };

describe("a schedule", () => {
  test("is the same for the same seed, and another for another", () => {
    expect(drawSchedule(options)).toEqual(drawSchedule(options));
    expect(drawSchedule({ ...options, seed: 8 })).not.toEqual(drawSchedule(options));
  });

  test("of a longer run begins as that of a shorter one", () => {
    const { processes } = drawSchedule({ ...options, durationMs: 60_000 });
    expect(drawSchedule(options).processes.slice(0, processes.length)).toEqual(processes);
  });

  test("never overlaps within a lane, ends in time, and stays within the bounds of each fault", () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const schedule = drawSchedule({ ...options, seed });
      const { processes, network, membership } = schedule;
      const lanes: (readonly Fault[])[] = [processes, network, membership];
      for (const lane of lanes) {
        for (const [i, { atMs, forMs, harm }] of lane.entries()) {
          expect(atMs + forMs).toBeLessThanOrEqual(lane[i + 1]?.atMs ?? options.durationMs);
          if (harm.kind.startsWith("pause-")) expect(forMs).toBeGreaterThanOrEqual(300);
          if (harm.kind.startsWith("pause-")) expect(forMs).toBeLessThanOrEqual(5000);
          if (harm.kind === "delay") {
            expect(harm.delayMs).toBeGreaterThanOrEqual(50);
            expect(harm.delayMs).toBeLessThanOrEqual(200);
            expect(harm.jitterMs).toBeLessThanOrEqual(harm.delayMs);
          }
          if (harm.kind === "loss") {
            expect(harm.percent).toBeGreaterThanOrEqual(5);
            expect(harm.percent).toBeLessThanOrEqual(20);
          }
        }
      }
    }
  });

  test("of two minutes has every kind", () => {
    const kinds = new Set(
      inOrder(drawSchedule({ ...options, durationMs: 120_000 })).map(({ harm }) => harm.kind),
    );
    expect([...kinds].sort()).toEqual([
      "cut",
      "delay",
      "isolate",
      "kill-server",
      "lose-machine",
      "loss",
      "one-way",
      "pause-machine",
      "pause-server",
      "power-loss",
      "replace",
      "rolling-restart",
      "split",
    ]);
  });

  test("without a network has no network faults, and the same others", () => {
    const schedule = drawSchedule({ ...options, hasNetwork: false });
    expect(schedule.network).toEqual([]);
    expect(schedule.processes).toEqual(drawSchedule(options).processes);
  });

  test("is told in the order of time", () => {
    const faults = inOrder(drawSchedule(options));
    const times = faults.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const fault = { atMs: 0, forMs: 2500, target: "leader", choice: 0 } as const;
    expect(describeFault({ ...fault, harm: { kind: "delay", delayMs: 120, jitterMs: 40 } })).toBe(
      "delay 120 ms ± 40 of the leader for 2.5 s",
    );
  });
});
