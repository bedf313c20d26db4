import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Revision } from "../../../src/base/numbers.ts";
import type { KvCondition } from "../../../src/state/commands.ts";
import { by, Fleet, type Site } from "../support/services.ts";

let fleet: Fleet;
let leader: Site;
let follower: Site;

beforeEach(async () => {
  fleet = await new Fleet({ size: 3 }).found();
  leader = await fleet.leader();
  follower = fleet.followers(leader)[0]!;
});
afterEach(() => fleet.stop());

const bytes = (text: string): Uint8Array => Buffer.from(text);
const none: KvCondition = { kind: "none" };

function put(
  via: Site,
  key: string,
  value: string,
  condition: KvCondition = none,
): Promise<{ readonly revision: Revision; readonly version: number }> {
  return fleet.settled(via.services.kv.put({ key, value: bytes(value), condition }, by));
}

describe("the key-value corner", () => {
  test("answers on every server what was written on any", async () => {
    expect(await put(follower, "a/b", "1")).toMatchObject({ version: 1 });
    expect(await put(leader, "a/b", "2")).toMatchObject({ version: 2 });
    for (const site of fleet.running()) {
      const row = await fleet.settled(site.services.kv.get("a/b", by));
      expect(Buffer.from(row!.value).toString()).toBe("2");
    }
    expect(await fleet.settled(leader.services.kv.get("nothing", by))).toBeUndefined();
  });

  test("lists a prefix in order, up to a limit", async () => {
    for (const key of ["b", "a/2", "a/1", "a", "aa"]) await put(leader, key, key);
    const list = async (prefix: string, limit: number): Promise<string[]> => {
      const rows = await fleet.settled(follower.services.kv.list(prefix, { ...by, limit }));
      return rows.map(({ key }) => key);
    };
    expect(await list("a/", 10)).toEqual(["a/1", "a/2"]);
    expect(await list("", 3)).toEqual(["a", "a/1", "a/2"]);
  });

  test("writes and deletes under a condition, or not at all", async () => {
    const { revision } = await put(leader, "k", "1", { kind: "absent" });
    for (const condition of [
      { kind: "absent" },
      { kind: "value", value: bytes("2") },
      { kind: "revision", revision: (revision - 1) as Revision },
    ] satisfies KvCondition[]) {
      await expect(put(follower, "k", "x", condition)).rejects.toMatchObject({
        code: "QUORATE_STATE_KV_CONDITION_FAILED",
        kind: "conflict",
      });
    }
    await put(follower, "k", "2", { kind: "revision", revision });
    const gone = { key: "k", condition: { kind: "value", value: bytes("2") } } as const;
    expect(await fleet.settled(leader.services.kv.delete(gone, by))).toMatchObject({
      existed: true,
    });
    const again = { key: "k", condition: none };
    expect(await fleet.settled(leader.services.kv.delete(again, by))).toMatchObject({
      existed: false,
    });
  });

  test("carries out a repeated request once", async () => {
    const opened = await fleet.settled(
      leader.services.replica.submit({ kind: "open-client-session" }, by),
    );
    const clientSession = opened.revision;
    const options = { ...by, request: { clientSession, sequence: 1, acknowledged: 0 } };
    const request = { key: "once", value: bytes("x"), condition: none };
    const first = await fleet.settled(leader.services.kv.put(request, options));
    const second = await fleet.settled(follower.services.kv.put(request, options));
    expect([first.version, second.version]).toEqual([1, 1]);
  });

  test("without a leader refuses what must be fresh, and gives what may be stale", async () => {
    await put(leader, "k", "1");
    await fleet.converged();
    for (const site of fleet.running()) if (site !== follower) await fleet.crash(site);
    const short = { actor: "test", deadlineMs: 1000 };
    await expect(fleet.settled(follower.services.kv.get("k", short))).rejects.toMatchObject({
      kind: "unavailable",
    });
    const row = await fleet.settled(follower.services.kv.get("k", { ...short, stale: true }));
    expect(row?.version).toBe(1);
    const rows = follower.services.kv.list("", { ...short, stale: true, limit: 9 });
    expect(await fleet.settled(rows)).toHaveLength(1);
  });
});
