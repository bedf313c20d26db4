// Whose output is an answer: three servers that each have some, or have none, or are silent.
import { describe, expect, test } from "vitest";
import { apiErrors } from "../../../src/api/errors.ts";
import { type JobLogModules, JobLogService } from "../../../src/api/job-logs.ts";
import type { PeerId } from "../../../src/base/numbers.ts";
import type { Assignment } from "../../../src/state/rows.ts";

const silent = Symbol("silent");
type Output = string | typeof silent | undefined;

const owner = (serverId: string): Assignment =>
  ({ state: "assigned", owner: { serverId, session: 7 } }) as Assignment;
const stopped: Assignment = { state: "stopped", reason: "" };

function service(assignment: Assignment, outputs: Readonly<Record<string, Output>>) {
  const asked: string[] = [];
  const ids = ["s1", "s2", "s3", "s4"];
  const servers = ids.map((serverId, i) => ({
    peerId: i + 1,
    profile: { serverId },
    role: serverId === "s4" ? "removed" : "voter",
  }));
  const callPeer = (peer: PeerId): Promise<Uint8Array> => {
    const id = ids[peer - 1]!;
    asked.push(id);
    const output = outputs[id];
    if (output === silent) return Promise.reject(apiErrors.NOT_READY("no answer"));
    if (output === undefined) return Promise.reject(apiErrors.NO_LOG("none"));
    const answer = {
      base64: Buffer.from(output).toString("base64"),
      nextOffset: output.length,
      truncated: false,
    };
    return Promise.resolve(Buffer.from(JSON.stringify(answer)));
  };
  const modules = {
    replica: {
      state: { servers: () => servers },
      leaderLink: { registerPeerCall: () => undefined, callPeer },
    },
    jobs: {
      get: () =>
        Promise.resolve({
          job: { jobId: "j1", namespace: "default", name: "n" },
          row: { assignment },
        }),
    },
    reader: {},
  } as unknown as JobLogModules;
  const logs = new JobLogService(modules);
  const piece = (serverId = "") => logs.read({ job: "n", offset: 0, tailBytes: 0, serverId }, 1000);
  return {
    asked,
    piece,
    read: async (asked = "") => {
      const { serverId, bytes } = await piece(asked);
      return `${serverId}:${Buffer.from(bytes).toString()}`;
    },
  };
}

const everywhere = { s1: "old", s2: "newer", s3: "newest", s4: "removed" };

describe("while a server runs the job", () => {
  test("its output is the answer", async () => {
    const { read, asked } = service(owner("s2"), everywhere);
    expect(await read()).toBe("s2:newer");
    expect(asked).toEqual(["s2"]);
  });

  test("another member's is the answer when it is asked for: its last lines are read after a move", async () => {
    const { read, piece, asked } = service(owner("s2"), everywhere);
    expect(await read("s1")).toBe("s1:old");
    expect(await piece("s1")).toMatchObject({ serverId: "s1", ownerId: "s2" });
    expect(asked).toEqual(["s1", "s1"]);
    const lost = service(owner("s2"), { ...everywhere, s1: silent });
    await expect(lost.read("s1")).rejects.toMatchObject({ code: "QUORATE_API_LOG_UNREACHABLE" });
    expect(lost.asked).toEqual(["s1"]);
  });

  test("its output is the answer when one is asked for that is no member", async () => {
    const { read } = service(owner("s2"), everywhere);
    expect([await read("s4"), await read("s9")]).toEqual(["s2:newer", "s2:newer"]);
  });

  test("its silence is told, and nobody else's old output taken for its own", async () => {
    const { read, asked } = service(owner("s2"), { ...everywhere, s2: silent });
    await expect(read()).rejects.toMatchObject({ code: "QUORATE_API_LOG_UNREACHABLE" });
    expect(asked).toEqual(["s2"]);
  });

  test("that it has none yet is told, too", async () => {
    const { read } = service(owner("s2"), { s1: "old" });
    await expect(read()).rejects.toMatchObject({ code: "QUORATE_API_NO_LOG" });
  });
});

describe("while no server runs the job", () => {
  test("the server that is asked for answers, and no other", async () => {
    const { read, piece, asked } = service(stopped, everywhere);
    expect(await read("s3")).toBe("s3:newest");
    expect(await piece("s3")).toMatchObject({ ownerId: "" });
    expect(asked).toEqual(["s3", "s3"]);
    const lost = service(stopped, { ...everywhere, s3: silent });
    await expect(lost.read("s3")).rejects.toMatchObject({ code: "QUORATE_API_LOG_UNREACHABLE" });
    expect(lost.asked).toEqual(["s3"]);
  });

  test("any member that has some answers, when none is asked for or that one is no member", async () => {
    const { read, asked } = service(stopped, { s2: "newer", s4: "removed" });
    expect(await read()).toBe("s2:newer");
    expect(await read("s4")).toBe("s2:newer");
    expect(await read("s9")).toBe("s2:newer");
    expect(asked).not.toContain("s4");
  });

  test("silence counts more than absence: nobody knows", async () => {
    const one = service(stopped, { s1: silent });
    await expect(one.read()).rejects.toMatchObject({ code: "QUORATE_API_LOG_UNREACHABLE" });
    await expect(service(stopped, {}).read()).rejects.toMatchObject({ code: "QUORATE_API_NO_LOG" });
  });
});
