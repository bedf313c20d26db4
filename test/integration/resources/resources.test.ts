import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import type { Committed } from "../../../src/replica/contract.ts";
import { replicaErrors } from "../../../src/replica/errors.ts";
import type { UploadRequest } from "../../../src/resources/contract.ts";
import { chunkBytes, collectAfterMs } from "../../../src/resources/limits.ts";
import { ResourceService } from "../../../src/resources/resource-service.ts";
import type { ResourceVersionRow } from "../../../src/state/rows.ts";
import { storageErrors } from "../../../src/storage/errors.ts";
import { by, Fleet, jobSpec, type Site } from "../support/services.ts";

let fleet: Fleet;
let leader: Site;
let follower: Site;

beforeEach(async () => {
  fleet = await new Fleet({ size: 3 }).found();
  leader = await fleet.leader();
  follower = fleet.followers(leader)[0]!;
});
afterEach(() => fleet.stop());

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes of which no two chunks are equal. */
function file(sizeBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4096) bytes.writeUInt32LE(at + seed, at);
  return bytes;
}

const request: UploadRequest = {
  namespace: "default",
  name: "app.jar",
  kind: "jar",
  note: "",
  sizeBytes: -1,
  digest: "",
};

async function* stream(bytes: Uint8Array, pieceBytes = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

function upload(
  via: Site,
  bytes: Uint8Array,
  change: Partial<UploadRequest> = {},
): Promise<ResourceVersionRow> {
  return fleet.settled(via.services.resources.upload({ ...request, ...change }, stream(bytes), by));
}

async function download(via: Site, version = "latest", range = {}): Promise<Buffer> {
  const named = { namespace: "default", name: "app.jar", version };
  const { bytes } = await fleet.settled(
    via.services.resources.download(named, { ...by, ...range }),
  );
  const all = (async () => {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    return Buffer.concat(parts);
  })();
  return await fleet.settled(all);
}

const nothing = { code: "QUORATE_RESOURCES_UNKNOWN_RESOURCE", kind: "not-found" };

/** No version, no upload, and soon no bytes anywhere. */
async function nothingLeft(): Promise<void> {
  await fleet.converged();
  for (const { services } of fleet.running()) {
    expect(services.replica.state.resources()).toEqual([]);
    expect(services.replica.state.uploads()).toEqual([]);
  }
  await fleet.clock.run(collectAfterMs + 500);
  for (const { data } of fleet.running()) expect(data.chunks.stats().chunks).toBe(0);
}

const everywhere = (count: number): boolean =>
  fleet.running().every(({ data }) => data.chunks.stats().chunks === count);

describe("an upload", () => {
  test("through any server is visible and whole on all of them", async () => {
    const bytes = file(1_000_000);
    const row = await upload(follower, bytes, { note: "first" });
    const manifest = { kind: "jar", sizeBytes: bytes.length, digest: sha256(bytes) };
    expect(row).toMatchObject({ version: 1, note: "first", createdBy: "test", manifest });
    await fleet.until("every server has the bytes", () => everywhere(4));
    for (const site of fleet.running()) expect((await download(site)).equals(bytes)).toBe(true);
  });

  test("is not visible before a majority has given receipts", async () => {
    for (const site of fleet.running()) if (site !== leader) await fleet.crash(site);
    const answer = leader.services.resources.upload(request, stream(file(1000)), {
      actor: "test",
      deadlineMs: 3000,
    });
    await expect(fleet.settled(answer)).rejects.toMatchObject({ kind: /unavailable|unknown/ });
    expect(leader.services.replica.state.resources()).toEqual([]);
  });

  test("of several windows reserves, stores and commits all of them", async () => {
    const bytes = file(10 * 1024 * 1024);
    const row = await upload(leader, bytes);
    expect(row.manifest.chunks).toHaveLength(40);
    expect((await download(follower)).equals(bytes)).toBe(true);
  });

  test("of the same bytes makes no new version, of other bytes the next one", async () => {
    const bytes = file(300_000);
    expect((await upload(leader, bytes)).version).toBe(1);
    expect((await upload(follower, bytes)).version).toBe(1);
    const changed = Buffer.from(bytes);
    changed[299_999] = 7;
    expect((await upload(follower, changed)).version).toBe(2);
    await fleet.until("shared chunks are stored once", () => everywhere(3));
    expect((await download(follower, "1")).equals(bytes)).toBe(true);
    expect((await download(follower, "2")).equals(changed)).toBe(true);
  });

  test("under one name from two sides at once gives two versions, both whole", async () => {
    const [one, two] = [file(400_000, 1), file(500_000, 2)];
    const both = [leader.services, follower.services].map(({ resources }, i) =>
      resources.upload(request, stream(i === 0 ? one : two), by),
    );
    const rows = await fleet.settled(Promise.all(both));
    expect(rows.map(({ version }) => version).sort()).toEqual([1, 2]);
    for (const row of rows) {
      const bytes = await download(follower, String(row.version));
      expect(sha256(bytes)).toBe(row.manifest.digest);
    }
  });

  test.each([
    ["another digest", { digest: sha256(Buffer.from("other")) }, "DIGEST_MISMATCH"],
    ["more bytes than announced", { sizeBytes: 1000 }, "SIZE_MISMATCH"],
    ["fewer bytes than announced", { sizeBytes: 900_000 }, "SIZE_MISMATCH"],
  ])("with %s leaves nothing behind", async (_what, change, code) => {
    await expect(upload(follower, file(600_000), change)).rejects.toMatchObject({
      code: `QUORATE_RESOURCES_${code}`,
      kind: "invalid",
    });
    await nothingLeft();
  });

  test("with the announced size and digest is accepted", async () => {
    const bytes = file(600_000);
    const row = await upload(follower, bytes, { sizeBytes: 600_000, digest: sha256(bytes) });
    expect(row.version).toBe(1);
  });

  test("of nothing is refused", async () => {
    await expect(upload(follower, new Uint8Array())).rejects.toMatchObject({
      code: "QUORATE_RESOURCES_EMPTY",
    });
    await nothingLeft();
  });

  test.each(["../etc", "a/b", "A", ".hidden", "n".repeat(129), "a\u0000b", ""])(
    "under the name %j is refused",
    async (name) => {
      await expect(upload(follower, file(100), { name })).rejects.toMatchObject({
        code: "QUORATE_STATE_NAME_INVALID",
      });
      await nothingLeft();
    },
  );

  test("whose sender breaks off leaves nothing behind", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* stream(file(5_000_000));
      throw new Error("connection reset");
    }
    const answer = follower.services.resources.upload(request, broken(), by);
    await expect(fleet.settled(answer)).rejects.toMatchObject({
      code: "QUORATE_RESOURCES_INTERRUPTED",
      kind: "invalid",
    });
    await nothingLeft();
  });

  test("whose sender falls silent ends at its deadline", async () => {
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield* stream(file(5_000_000));
      await new Promise(() => undefined);
    }
    const answer = follower.services.resources.upload(request, stuck(), by);
    await expect(fleet.settled(answer)).rejects.toMatchObject({
      code: "QUORATE_RESOURCES_INTERRUPTED",
    });
    expect(fleet.clock.nowMs()).toBeLessThan(by.deadlineMs + 3000);
    await nothingLeft();
  });

  test("above the limit is refused: at once when it says so, else as soon as it is noticed", async () => {
    const { replica } = follower.services;
    const limited = new ResourceService(
      { resourceBytesMax: 5_000_000 },
      {
        replica,
        chunks: follower.data.chunks,
        fetch: (digests, peers) => replica.fetchChunks(digests, peers),
        clock: fleet.clock,
        logger: silentLogger,
      },
    );
    let readBytes = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        readBytes += chunkBytes;
        yield file(chunkBytes, readBytes);
      }
    }
    const tooLarge = { code: "QUORATE_RESOURCES_TOO_LARGE", kind: "exhausted" };
    const announced = limited.upload({ ...request, sizeBytes: 5_000_001 }, endless(), by);
    await expect(fleet.settled(announced)).rejects.toMatchObject(tooLarge);
    expect(readBytes).toBe(0);
    const silent = limited.upload(request, endless(), by);
    await expect(fleet.settled(silent)).rejects.toMatchObject(tooLarge);
    expect(readBytes).toBeLessThan(20_000_000);
    await nothingLeft();
  });

  test("that somebody else has ended says so, instead of waiting", async () => {
    const { replica } = follower.services;
    let pause: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => {
      pause = resolve;
    });
    async function* held(): AsyncGenerator<Uint8Array> {
      yield* stream(file(5_000_000));
      await paused;
    }
    const answer = follower.services.resources.upload(request, held(), by);
    const ended = expect(fleet.settled(answer)).rejects.toMatchObject({
      code: "QUORATE_STATE_UPLOAD_UNKNOWN",
    });
    await fleet.until("it is open", () => replica.state.uploads().length === 1);
    const { uploadId } = replica.state.uploads()[0]!;
    const abort = { kind: "abort-upload", uploadId, reason: "test" } as const;
    await fleet.settled(leader.services.replica.submit(abort, by));
    pause();
    await ended;
  });
});

describe("an upload outlives", () => {
  test("the loss of the leader in the middle", async () => {
    const bytes = file(12_000_000);
    const lost = leader;
    async function* half(): AsyncGenerator<Uint8Array> {
      yield* stream(bytes.subarray(0, 6_000_000));
      await fleet.crash(lost);
      yield* stream(bytes.subarray(6_000_000));
    }
    const patient = { actor: "test", deadlineMs: 20_000 };
    const row = await fleet.settled(
      follower.services.resources.upload(request, half(), patient),
      30_000,
    );
    expect(row).toMatchObject({ version: 1, manifest: { digest: sha256(bytes) } });
    leader = await fleet.leader();
    expect(leader.services.replica.state.uploads()).toEqual([]);
    expect((await download(leader)).equals(bytes)).toBe(true);
  });

  /** What the server that takes the upload hears of its commits: `answer` may carry them out. */
  function commits(
    answer: (commit: () => Promise<Committed>, attempt: number) => Promise<Committed>,
  ) {
    const { replica } = follower.services;
    const submit = replica.submit.bind(replica);
    let attempts = 0;
    replica.submit = (command, options) => {
      if (command.kind !== "commit-version") return submit(command, options);
      attempts += 1;
      return answer(() => submit(command, options), attempts);
    };
    return { attempts: () => attempts };
  }
  const unknown = (): Error => replicaErrors.OUTCOME_UNKNOWN("the connection broke");
  const versions = () => leader.services.replica.state.resourceVersions("default", "app.jar");

  test("an answer that was lost: the commit is looked up, not made again", async () => {
    const { attempts } = commits(async (commit) => {
      await commit();
      throw unknown();
    });
    expect(await upload(follower, file(1000))).toMatchObject({ version: 1 });
    expect([attempts(), versions().length]).toEqual([1, 1]);
  });

  test("an answer that was lost, also when somebody else has committed since", async () => {
    const before = await upload(leader, file(1000, 7));
    commits(async (commit) => {
      await commit();
      await leader.services.resources.upload(request, stream(file(1000, 9)), by);
      throw unknown();
    });
    // The same bytes as version 1: it must not be taken for this one.
    await upload(leader, file(1000, 8));
    const row = await upload(follower, file(1000, 7));
    expect(row.version).toBe(3);
    expect(row.manifest.digest).toBe(before.manifest.digest);
    expect(versions()).toHaveLength(4);
  });

  test("a commit that was lost: it is made again, once", async () => {
    const { attempts } = commits(async (commit, attempt) => {
      if (attempt === 1) throw unknown();
      return await commit();
    });
    expect(await upload(follower, file(1000))).toMatchObject({ version: 1 });
    expect([attempts(), versions().length]).toEqual([2, 1]);
  });

  test("a commit that was lost, although the same bytes were an older version", async () => {
    await upload(leader, file(1000, 7));
    await upload(leader, file(1000, 8));
    commits(async (commit, attempt) => {
      if (attempt === 1) throw unknown();
      return await commit();
    });
    expect(await upload(follower, file(1000, 7))).toMatchObject({ version: 3 });
  });

  test("a commit that comes late, while it is made again", async () => {
    commits(async (commit, attempt) => {
      if (attempt === 1) throw unknown();
      // The first one has arrived in the meantime.
      await commit();
      return await commit();
    });
    expect(await upload(follower, file(1000))).toMatchObject({ version: 1 });
    expect(versions()).toHaveLength(1);
  });

  test("no deadline: what may have been done is not called undone", async () => {
    const short = { actor: "test", deadlineMs: 2000 };
    commits(async () => {
      await fleet.crash(leader);
      await fleet.crash(fleet.running().find((site) => site !== follower)!);
      throw unknown();
    });
    const answer = follower.services.resources.upload(request, stream(file(1000)), short);
    await expect(fleet.settled(answer)).rejects.toMatchObject({
      code: "QUORATE_REPLICA_OUTCOME_UNKNOWN",
      kind: "unknown",
    });
  });

  const short = { actor: "test", deadlineMs: 5000 };
  /** A table in which some reads give something else. */
  function changed<T extends object>(table: T, reads: Record<string, unknown>): T {
    const get = (_: T, name: string | symbol): unknown => {
      const read: unknown = name in reads ? reads[String(name)] : Reflect.get(table, name);
      return typeof read === "function" ? read.bind(table) : read;
    };
    return new Proxy(table, { get });
  }
  const noLeader = (): Error => replicaErrors.NO_LEADER("no leader was found");
  /** The row, or what the upload was refused with. */
  const outcome = (bytes: Uint8Array): Promise<unknown> =>
    fleet
      .settled(follower.services.resources.upload(request, stream(bytes), short))
      .catch((error: unknown) => error);

  test("a commit that was lost and done, and is refused when made again: it is not called undone", async () => {
    const { attempts } = commits(async (commit, attempt) => {
      const committed = await commit();
      if (attempt === 1) throw unknown();
      return committed;
    });
    follower.services.replica.barrier = () => Promise.reject(noLeader());
    expect(await outcome(file(1000))).toMatchObject({
      code: "QUORATE_REPLICA_OUTCOME_UNKNOWN",
      kind: "unknown",
    });
    expect([attempts(), versions().length]).toEqual([2, 1]);
  });

  test("a commit that was lost, when receipts are missing afterwards: it is not called undone", async () => {
    const { replica } = follower.services;
    commits(() => {
      replica.barrier = () => Promise.reject(noLeader());
      const { state } = replica;
      const upload = (id: string) => ({ ...state.upload(id), receipts: [] });
      Object.defineProperty(replica, "state", { get: () => changed(state, { upload }) });
      return Promise.reject(unknown());
    });
    expect(await outcome(file(1000))).toMatchObject({ kind: "unknown" });
  });

  test("its server's lag: what is committed is answered, although it is not seen there in time", async () => {
    commits(async (commit) => {
      const committed = await commit();
      const { replica } = follower.services;
      const { state } = replica;
      Object.defineProperty(replica, "revision", { get: () => committed.revision - 1 });
      const resource = () => undefined;
      Object.defineProperty(replica, "state", { get: () => changed(state, { resource }) });
      replica.watch.wait = () =>
        new Promise((resolve) => {
          fleet.clock.after(200, () => {
            resolve(replica.revision);
          });
        });
      return committed;
    });
    const bytes = file(1000);
    const row = await outcome(bytes);
    expect(row).toMatchObject({ version: 1, createdBy: "test" });
    expect(row).toMatchObject({ manifest: { digest: sha256(bytes), sizeBytes: 1000 } });
    const [committed] = versions();
    expect(row).toMatchObject({ createdRevision: committed!.createdRevision });
    expect((row as ResourceVersionRow).createdAtMs).toBeGreaterThan(0);
    expect((row as ResourceVersionRow).createdAtMs).toBeLessThanOrEqual(committed!.createdAtMs);
  });

  test("a look at a table that lagged before: an older version of the same bytes is not taken for it", async () => {
    await upload(leader, file(1000, 7));
    await upload(leader, file(1000, 8));
    const { replica } = follower.services;
    const barrier = replica.barrier.bind(replica);
    const { state } = replica;
    let seen = changed(state, { resource: () => undefined });
    Object.defineProperty(replica, "state", { get: () => seen });
    replica.barrier = async (deadlineMs) => {
      const revision = await barrier(deadlineMs);
      seen = state;
      return revision;
    };
    commits(async (commit, attempt) => {
      if (attempt === 1) throw unknown();
      return await commit();
    });
    expect(await outcome(file(1000, 7))).toMatchObject({ version: 3 });
  });

  test("not its own server: it ends as soon as that stops", async () => {
    for (const site of fleet.running()) if (site !== follower) await fleet.crash(site);
    let ended: unknown;
    const patient = { actor: "test", deadlineMs: 60_000 };
    follower.services.resources
      .upload(request, stream(file(1000)), patient)
      .catch((error: unknown) => {
        ended = error;
      });
    await fleet.clock.run(3000);
    expect(ended).toBeUndefined();
    await fleet.crash(follower);
    await fleet.until("it has ended", () => ended !== undefined, 500);
    expect(ended).toMatchObject({ code: "QUORATE_REPLICA_STOPPED" });
  });
});

test("a store that cannot write any more stops its server, also when nobody waits for the bytes", async () => {
  const { chunks } = follower.data;
  chunks.put = () => Promise.reject(storageErrors.WRITE_FAILED("the disk is full"));
  await upload(leader, file(1000));
  await fleet.until("it was told", () => follower.fatal.length > 0);
  expect(follower.fatal[0]).toMatchObject({ code: "QUORATE_STORAGE_WRITE_FAILED" });
  expect(leader.fatal).toEqual([]);
});

describe("a download", () => {
  test("from a server that never had the bytes fetches them on the way", async () => {
    const bytes = file(1_500_000);
    await upload(leader, bytes);
    await fleet.until("every server has the bytes", () => everywhere(6));
    const { chunks } = follower.data;
    await fleet.settled(chunks.remove(chunks.digests()));
    expect((await download(follower)).equals(bytes)).toBe(true);
    expect(chunks.stats().chunks).toBe(6);
  });

  test("mends a damaged chunk from a peer", async () => {
    const bytes = file(600_000);
    const row = await upload(leader, bytes);
    await fleet.until("every server has the bytes", () => everywhere(3));
    const { digest } = row.manifest.chunks[0]!;
    const { chunks } = follower.data;
    const stored = await fleet.settled(chunks.get(digest));
    stored![17]! ^= 1;
    await expect(fleet.settled(chunks.get(digest))).rejects.toMatchObject({
      code: "QUORATE_STORAGE_CORRUPT_CHUNK",
    });
    expect((await download(follower)).equals(bytes)).toBe(true);
    expect(sha256((await fleet.settled(chunks.get(digest)))!)).toBe(digest);
  });

  test("never gives damaged bytes when nobody has whole ones", async () => {
    const row = await upload(leader, file(300_000));
    await fleet.until("every server has the bytes", () => everywhere(2));
    const { digest } = row.manifest.chunks[0]!;
    for (const { data } of fleet.running()) {
      const stored = await fleet.settled(data.chunks.get(digest));
      stored![0]! ^= 1;
    }
    await expect(download(follower)).rejects.toMatchObject({
      code: "QUORATE_RESOURCES_CHUNKS_MISSING",
      fields: { digest },
    });
  });

  test("of a part gives exactly that part", async () => {
    const bytes = file(700_000);
    await upload(leader, bytes);
    for (const [fromByte, toByte] of [
      [0, 1],
      [chunkBytes - 1, chunkBytes + 1],
      [100, 699_999],
      [699_999, 700_000],
      [700_000, 700_000],
      [5, 9_000_000],
    ] as const) {
      const part = await download(follower, "latest", { fromByte, toByte });
      expect(part.equals(bytes.subarray(fromByte, toByte))).toBe(true);
    }
  });

  test("selects by number, digest or latest, and refuses anything else", async () => {
    const [one, two] = [file(1000, 1), file(1000, 2)];
    await upload(leader, one);
    await upload(leader, two);
    expect((await download(follower, `sha256:${sha256(one)}`)).equals(one)).toBe(true);
    expect((await download(follower, "")).equals(two)).toBe(true);
    for (const version of ["0", "-1", "1.5", "newest", "sha256:12", "1e0"]) {
      await expect(download(follower, version)).rejects.toMatchObject({
        code: "QUORATE_RESOURCES_BAD_SELECTOR",
      });
    }
    for (const version of ["3", `sha256:${"0".repeat(64)}`])
      await expect(download(follower, version)).rejects.toMatchObject(nothing);
  });
});

describe("deleting", () => {
  test("a version takes its bytes away everywhere, and only those that no other version has", async () => {
    const shared = file(chunkBytes, 1);
    await upload(leader, Buffer.concat([shared, file(chunkBytes, 2)]));
    await upload(leader, Buffer.concat([shared, file(chunkBytes, 3)]));
    await fleet.until("all is everywhere", () => everywhere(3));
    const named = { namespace: "default", name: "app.jar", version: 1 };
    await fleet.settled(follower.services.resources.delete(named, by));
    await fleet.until("its bytes are gone", () => everywhere(2));
    await expect(download(follower, "1")).rejects.toMatchObject(nothing);
    expect(await download(follower, "2")).toHaveLength(2 * chunkBytes);
  });

  test("what a job uses is refused with the job's name", async () => {
    const { version, manifest } = await upload(leader, file(1000));
    const resource = { namespace: "default", name: "app.jar", version, digest: manifest.digest };
    const spec = jobSpec({ run: { kind: "java", resource, mainClass: "", jvmOptions: [] } });
    const job = { namespace: "default", name: "etl", spec };
    await fleet.settled(leader.services.jobs.submit(job, by));
    const named = { namespace: "default", name: "app.jar", version };
    await expect(
      fleet.settled(follower.services.resources.delete(named, by)),
    ).rejects.toMatchObject({
      code: "QUORATE_STATE_RESOURCE_IN_USE",
      fields: { job: "default/etl" },
    });
  });
});

describe("the keeper", () => {
  test("never collects a chunk that is needed, whatever comes and goes", async () => {
    const shared = file(2 * chunkBytes, 9);
    await upload(leader, shared, { name: "keep" });
    for (let round = 0; round < 4; round += 1) {
      const bytes = Buffer.concat([shared, file(chunkBytes, 20 + round)]);
      const { version } = await upload(follower, bytes, { name: "temp" });
      const named = { namespace: "default", name: "temp", version };
      await fleet.settled(leader.services.resources.delete(named, by));
      await fleet.clock.run(collectAfterMs / 2);
      for (const { services, data } of fleet.running()) {
        const needed = services.replica.state.neededDigests();
        expect(needed.filter((digest) => !data.chunks.has(digest))).toEqual([]);
      }
    }
    await fleet.until("only what is needed is left", () => everywhere(2));
  });

  test("collects also while uploads never end", async () => {
    const { version } = await upload(leader, file(chunkBytes, 1), { name: "gone" });
    const named = { namespace: "default", name: "gone", version };
    await fleet.settled(leader.services.resources.delete(named, by));
    const digest = sha256(file(chunkBytes, 1));
    for (let round = 0; round < 12; round += 1) {
      await upload(leader, file(1000, 100 + round), { name: "busy" });
      await fleet.clock.run(collectAfterMs / 8);
    }
    expect(fleet.running().some(({ data }) => data.chunks.has(digest))).toBe(false);
  });

  test("a chunk that is reserved again while it is removed is there when its receipt is", async () => {
    const bytes = file(chunkBytes, 5);
    for (let round = 0; round < 10; round += 1) {
      const { version } = await upload(leader, bytes, { name: "again" });
      const named = { namespace: "default", name: "again", version };
      await fleet.settled(leader.services.resources.delete(named, by));
      // Around the moment of the collection.
      await fleet.clock.run(collectAfterMs - 5 + round);
    }
    const { manifest } = await upload(leader, bytes, { name: "again" });
    await fleet.clock.run(2 * collectAfterMs);
    for (const { data } of fleet.running())
      expect(data.chunks.has(manifest.chunks[0]!.digest)).toBe(true);
  });

  test("brings a joiner everything, and then it may be promoted", async () => {
    const bytes = file(2_000_000);
    await upload(leader, bytes);
    const profile = await fleet.empty(4);
    const { peerAddress } = profile;
    await fleet.settled(leader.services.members.add({ peerAddress }, by));
    const joined = await fleet.join(profile, leader.services.members.admissionOf(profile)!);
    await fleet.until("it has the bytes", () => joined.data.chunks.stats().chunks === 8);
    expect(joined.services.resources.lackingChunks()).toBe(0);
    await fleet.settled(leader.services.members.promote({ serverId: "s4" }, by));
    expect((await download(joined)).equals(bytes)).toBe(true);
  });

  test("brings a server up to date that was away", async () => {
    await fleet.crash(follower);
    const bytes = file(1_000_000);
    await upload(leader, bytes);
    expect(follower.data.chunks.stats().chunks).toBe(0);
    await fleet.restart(follower);
    await fleet.until("it has the bytes", () => everywhere(4));
  });

  test("stops with what it was doing", async () => {
    await fleet.settled(follower.services.resources.stop());
    await fleet.settled(follower.services.resources.stop());
    const before = follower.data.chunks.stats().chunks;
    await upload(leader, file(1000));
    await fleet.clock.run(1000);
    expect(follower.data.chunks.stats().chunks).toBe(before);
  });
});
