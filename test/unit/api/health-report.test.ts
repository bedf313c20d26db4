import { expect, test } from "vitest";
import {
  type HealthCondition,
  type HealthFinding,
  ServerHealth,
} from "../../../src/api/health-report.ts";

const finding = (severity: HealthFinding["severity"], code: string): HealthFinding => ({
  severity,
  code,
  what: "w",
  doThis: "d",
});

test("a report is made anew each time, from the beginning on", () => {
  let nowMs = 100.5;
  let serverId = "";
  let condition: HealthCondition = "starting";
  const health = new ServerHealth(
    { version: "1" },
    {
      clock: { nowMs: () => nowMs },
      wallClock: { wallMs: () => 5000.7 },
      identity: () => (serverId === "" ? undefined : { serverId, clusterId: "c" }),
      condition: () => condition,
    },
  );
  expect(health.report()).toEqual({
    serverId: "",
    clusterId: "",
    version: "1",
    condition: "starting",
    findings: [],
    diskFreeBytes: 0,
    diskTotalBytes: 0,
    chunks: { held: 0, lacking: 0, damaged: 0, repaired: 0 },
    logEntries: 0,
    uptimeMs: 0,
    wallMs: 5000,
  });
  serverId = "s1";
  condition = "quarantined";
  nowMs = 350;
  const found: HealthFinding[] = [finding("warning", "a")];
  health.addSource({ findings: () => found });
  health.addSource({ findings: () => [finding("error", "b"), finding("warning", "c")] });
  health.addFigures(() => ({ logEntries: 7, diskFreeBytes: 1, diskTotalBytes: 9 }));
  health.addFigures(() => ({ diskFreeBytes: 2 }));
  expect(health.report()).toMatchObject({
    serverId: "s1",
    clusterId: "c",
    condition: "quarantined",
    logEntries: 7,
    diskFreeBytes: 2,
    diskTotalBytes: 9,
    uptimeMs: 250,
  });
  expect(health.report().findings.map(({ code }) => code)).toEqual(["b", "a", "c"]);
  found.length = 0;
  expect(health.report().findings.map(({ code }) => code)).toEqual(["b", "c"]);
});
