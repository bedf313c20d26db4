import { describe, expect, test } from "vitest";
import { bytesOf, Fixture, restored } from "./fixture.ts";

describe("history", () => {
  test("several events of one entry are numbered, with who and when", () => {
    const f = new Fixture().cluster(2);
    const events = f.tables.events();
    expect(events.map((event) => [event.revision, event.ordinal, event.kind])).toEqual([
      [1, 0, "ServerAdded"],
      [1, 1, "ServerAdded"],
      [1, 2, "MembershipChanged"],
    ]);
    f.submit("a");
    expect(f.tables.events("job/j2")).toEqual([
      {
        revision: 2,
        ordinal: 0,
        atMs: 1002,
        subject: "job/j2",
        kind: "JobSubmitted",
        actor: "test",
        detail: "ns/a",
      },
    ]);
    expect(f.last?.topics).toEqual(expect.arrayContaining(["events", "events/job/j2"]));
  });

  test("bounded per subject: the oldest go", () => {
    const f = new Fixture({ eventsPerSubjectMax: 3 });
    const jobId = f.submit("a");
    for (let i = 0; i < 500; i += 1) f.setDesired(jobId, i % 2 === 0 ? "stopped" : "running");
    const kept = f.tables.events(`job/${jobId}`);
    expect(kept.map((event) => event.revision)).toEqual([499, 500, 501]);
    expect(f.tables.stats().events).toBe(3);
  });

  test("bounded in total: the oldest of all subjects go, equally after a restore", () => {
    const f = new Fixture({ eventsMax: 5, eventsPerSubjectMax: 2 });
    const ids = ["a", "b", "c"].map((name) => f.submit(name));
    for (const jobId of [...ids, ...ids]) f.setDesired(jobId, "stopped");
    for (const jobId of ids) f.setDesired(jobId, "running");
    expect(f.tables.events().map((event) => event.revision)).toEqual([5, 6, 10, 11, 12]);
    f.machine = restored(bytesOf(f.machine));
    expect(f.tables.events().map((event) => event.revision)).toEqual([5, 6, 10, 11, 12]);
  });
});
