// A file is pushed to one server and is on all of them: any server gives it back byte for byte, any server starts a job
// from it, also one that was not there when it was pushed.
import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Artefact, hasJdk, tickerBundle, tickerJar } from "../../bench/lib/artefact.ts";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import type { QuorateClient } from "../../src/client/quorate-client.ts";
import { needFor } from "../support/needs.ts";
import { nothingBroken, useStage } from "./support/stage.ts";

/** Several chunks, the last one short. */
const largeBytes = 5_000_000;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function pull(client: QuorateClient, name: string): Promise<Buffer> {
  const { bytes } = await client.resources.pull({ name });
  const all: Uint8Array[] = [];
  for await (const piece of bytes) all.push(piece);
  return Buffer.concat(all);
}

function push(client: QuorateClient, artefact: Pick<Artefact, "name" | "bytes">, kind = "file") {
  const { name, bytes } = artefact;
  return client.resources.push(() => pieces(bytes), {
    header: { name, kind, sizeBytes: bytes.length, digest: sha256(bytes) },
  });
}

describe("resource retrieval and job start", () => {
  const stage = useStage({ servers: 3 });

  /** The machine at which everything is pushed, and the others. */
  function machines(): { readonly pushed: Machine; readonly others: readonly Machine[] } {
    const [pushed, ...others] = stage().cluster.machines;
    if (pushed === undefined) throw new Error("there is no machine");
    return { pushed, others };
  }

  /** Where the jobs of a name run, once each of them ticks. */
  async function whereabouts(prefix: string): Promise<ReadonlyMap<string, string>> {
    const { fleet } = stage();
    return new Map(
      [...(await fleet.settled()).values()]
        .filter(({ job }) => fleet.jobs.get(job)?.startsWith(prefix) === true)
        .map(({ job, server }) => [server, job]),
    );
  }

  async function registered({ id }: Machine) {
    const { servers } = await stage().client.servers.list();
    const found = servers.find(({ serverId }) => serverId === id);
    if (found === undefined) throw new Error(`${id} is not listed`);
    return found;
  }

  /** As many jobs as servers, made from a resource; the log of each read at each server. */
  async function startEverywhere(artefact: Artefact, prefix: string): Promise<void> {
    const { fleet, cluster } = stage();
    await fleet.run(artefact, cluster.machines.length, prefix);
    const jobs = await whereabouts(prefix);
    const { others } = machines();
    expect(others.filter(({ id }) => jobs.has(id))).not.toEqual([]);
    for (const [server, job] of jobs) {
      for (const machine of cluster.machines) {
        const piece = await until(`the log of ${job} at ${machine.id}`, async () => {
          const read = await stage().at(machine).jobs.readLog(job, { tailBytes: 1000 });
          return read.data.length > 0 ? read : undefined;
        });
        expect(piece.serverId).toBe(server);
        expect(piece.data.toString()).toBe(`ticking on ${server} under epoch 1\n`);
      }
    }
    expect(await stage().broken()).toEqual(nothingBroken);
  }

  test("what was pushed to one server is pulled from every other, byte for byte, under its digest", async () => {
    const { pushed, others } = machines();
    const bytes = randomBytes(largeBytes);
    const version = await push(stage().at(pushed), { name: "large.bin", bytes });
    expect(version).toMatchObject({ version: 1, digest: sha256(bytes), sizeBytes: largeBytes });
    for (const machine of others) {
      expect(sha256(await pull(stage().at(machine), "large.bin"))).toBe(version.digest);
      expect(await stage().at(machine).resources.get({ name: "large.bin" })).toMatchObject({
        version: 1,
        digest: version.digest,
      });
    }
    const second = await push(stage().at(pushed), { name: "large.bin", bytes: bytes.subarray(1) });
    expect(second.version).toBe(2);
    const [other = pushed] = others;
    const { bytes: first } = await stage()
      .at(other)
      .resources.pull({ name: "large.bin", version: `sha256:${version.digest}` });
    const hash = createHash("sha256");
    for await (const piece of first) hash.update(piece);
    expect(hash.digest("hex")).toBe(version.digest);
  });

  test("an upload whose length nobody knew beforehand is stored under the length and digest that it turns out to have", async () => {
    const { pushed } = machines();
    const bytes = randomBytes(1000);
    const header = { name: "stream.bin" };
    const version = await stage()
      .at(pushed)
      .resources.push(() => pieces(bytes), { header });
    expect(version).toMatchObject({ sizeBytes: 1000, digest: sha256(bytes) });
  });

  test("a job from a bundle for node starts on servers that never saw the upload; its log is read at any server", async () => {
    const bundle = tickerBundle();
    await push(stage().at(machines().pushed), bundle);
    await startEverywhere(bundle, "bundle");
  });

  const java = needFor(["java"], hasJdk);
  test.skipIf(java.skip)(
    java.title(
      "a job from a jar starts on servers that never saw the upload; its log is read at any server",
    ),
    async () => {
      const jar = tickerJar();
      await push(stage().at(machines().pushed), jar, "jar");
      await startEverywhere(jar, "jar");
    },
  );

  test("a server that was down during the upload fetches it when it is back, and runs a job from it", async () => {
    const { fleet, cluster } = stage();
    const { pushed, others } = machines();
    const absent = others.find(({ id }) => id === "s3") ?? pushed;
    const { session } = await registered(absent);
    await absent.lose();
    const late = { ...tickerBundle(), name: "late.mjs" };
    const [other = pushed] = others.filter((machine) => machine !== absent);
    const version = await push(stage().at(other), late);
    absent.start();
    await cluster.ready([absent]);
    // Under a new session: the former one may look alive for as long as its lease lasts.
    await until("s3 takes work again", async () => {
      const { liveness, session: now } = await registered(absent);
      return liveness === "LIVENESS_UP" && now > session ? true : undefined;
    });
    await fleet.allTicking();
    expect(sha256(await pull(stage().at(absent), "late.mjs"))).toBe(version.digest);
    await fleet.run(late, cluster.machines.length, "late");
    const job = (await whereabouts("late")).get(absent.id);
    expect(job).toBeDefined();
    const { data } = await stage()
      .at(pushed)
      .jobs.readLog(job ?? "");
    expect(data.toString()).toContain(`ticking on ${absent.id}`);
    expect(await stage().broken()).toEqual(nothingBroken);
  });
});
