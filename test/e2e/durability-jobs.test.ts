// What jobs notice of damaged data: nothing. Their sentinel renews the lease through the other servers while its own puts
// its data aside and is admitted anew.
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import { entryHeaderBytes, flipBit, isEntry, puts } from "./support/durability/files.ts";
import { nothingBroken, useStage } from "./support/stage.ts";

const jobs = 6;
const returnMs = 60_000;
const stage = useStage({ servers: 3, jobs });

async function member({ id }: Machine) {
  const { servers } = await stage().client.servers.list();
  const found = servers.find(({ serverId }) => serverId === id);
  if (found === undefined) throw new Error(`${id} is not listed`);
  return found;
}

/** job → process, owner and epoch. */
async function facts(): Promise<readonly string[]> {
  const [runs, ring] = await Promise.all([stage().fleet.settled(), stage().client.jobs.ring()]);
  return ring.jobs
    .map(({ jobId, owner, epoch }) => {
      const pid = runs.get(jobId)?.pid ?? 0;
      return `${jobId}: process ${String(pid)} of ${owner} in epoch ${String(epoch)}`;
    })
    .sort();
}

function flipEntry({ dataDirectory }: Machine): void {
  const found = puts(join(dataDirectory, "log")).filter(
    (one) => isEntry(one) && !one.isTable && one.value.length > entryHeaderBytes + 9,
  );
  const { path, at } = found[Math.floor(found.length / 2)]!;
  flipBit(path, at(entryHeaderBytes + 2));
}

test.each(["follower", "leader"] as const)(
  "the log of the %s is damaged, its process dies: it is a voter again as another peer, and its jobs run on",
  async (role) => {
    const machine = role === "leader" ? await stage().fleet.leader() : await stage().follower();
    const before = await facts();
    expect(before).toHaveLength(jobs);
    const { session, peerId } = await member(machine);
    flipEntry(machine);
    const sentinel = machine.pid;
    machine.killServer();
    const back = await until(
      `${machine.id} is a voter again`,
      async () => {
        const now = await member(machine);
        const isBack = now.peerId !== peerId && now.role === "ROLE_VOTER";
        return isBack && (await machine.isReady()) ? now : undefined;
      },
      returnMs,
    );
    expect(machine.log()).toContain("QUORATE_STORAGE_CORRUPT_LOG");
    expect(back.session).toBe(session);
    expect(machine.pid).toBe(sentinel);
    expect(await facts()).toEqual(before);
    expect(await stage().broken()).toEqual(nothingBroken);
  },
);
