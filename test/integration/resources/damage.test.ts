// A server that finds its bytes damaged, or has lost them: nobody gets a wrong byte, and it gets them back.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import type { PeerId } from "../../../src/base/numbers.ts";
import { peerId } from "../../../src/base/numbers.ts";
import { PullServer } from "../../../src/replica/transfer/pull-server.ts";
import { ChunkWatch } from "../../../src/resources/chunk-watch.ts";
import { collectAfterMs } from "../../../src/resources/limits.ts";
import { type CareModules, ResourceService } from "../../../src/resources/resource-service.ts";
import { loadHash64 } from "../../../src/server/system/hash.ts";
import { storageErrors } from "../../../src/storage/errors.ts";
import { by, Fleet, type Site } from "../support/services.ts";

const hash = await loadHash64();
const name = { namespace: "default", name: "app.jar" };
const chunkMissing = "QUORATE_RESOURCES_CHUNKS_MISSING";

function file(sizeBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4096) bytes.writeUInt32LE(at + seed, at);
  return bytes;
}

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

let fleet: Fleet;
let leader: Site;
let site: Site;
const bytes = file(2_000_000);

async function found(size: number): Promise<void> {
  fleet = await new Fleet({ size }).found();
  leader = await fleet.leader();
  site = fleet.followers(leader)[0] ?? leader;
  const request = { ...name, kind: "jar", note: "", sizeBytes: -1, digest: "" } as const;
  await fleet.settled(leader.services.resources.upload(request, stream(bytes), by));
  await fleet.converged();
  await fleet.until("everybody has the bytes", () =>
    fleet.running().every(({ data }) => data.chunks.stats().chunks === 8),
  );
}
afterEach(() => fleet.stop());

/** Reads of these digests on `at` fail once, and the chunk is gone from its inventory, as the store does it. */
function damage(at: Site, digests: readonly string[]): void {
  const { chunks } = at.data;
  const bad = new Set(digests);
  const get = chunks.get.bind(chunks);
  chunks.get = async (digest) => {
    if (!bad.delete(digest)) return await get(digest);
    await chunks.remove([digest]);
    throw storageErrors.CORRUPT_CHUNK(`the stored chunk ${digest} does not match its digest`);
  };
}

async function read(service: Site["services"]["resources"]): Promise<Buffer> {
  const download = await service.download({ ...name, version: "latest" }, by);
  const parts: Uint8Array[] = [];
  for await (const part of download.bytes) parts.push(part);
  return Buffer.concat(parts);
}

const digestsOf = (at: Site): readonly string[] =>
  at.services.replica.state
    .resource("default", "app.jar", "latest")
    ?.manifest.chunks.map(({ digest }) => digest) ?? [];

describe("in a cluster of three", () => {
  beforeEach(() => found(3));

  test("a download goes on over damage in its middle, and the bytes are repaired and counted", async () => {
    const digests = digestsOf(site);
    damage(site, [digests[3] ?? "", digests[4] ?? "", digests[7] ?? ""]);
    expect((await fleet.settled(read(site.services.resources))).equals(bytes)).toBe(true);
    await fleet.until("it is repaired", () => site.data.chunks.stats().chunks === 8);
    const counts = { held: 8, lacking: 0, damaged: 3, repaired: 3 };
    expect(site.services.resources.inventory()).toMatchObject(counts);
    expect(site.services.resources.findings()).toEqual([]);
  });

  test("damage that a peer's pull meets is not served, and repaired without anybody reading it", async () => {
    const { replica } = site.services;
    const watch = new ChunkWatch(site.data.chunks);
    await fleet.settled(site.services.resources.stop());
    const service = serviceOf(site, watch);
    service.start();
    const [digest = ""] = digestsOf(site);
    damage(site, [digest]);
    const { snapshots } = site.data;
    const onSnapshotPiece = (): void => undefined;
    const modules = { chunks: watch, snapshots, hash, logger: silentLogger, onSnapshotPiece };
    const pieces = new PullServer(modules).serve(peerId(9), { kind: "chunks", digests: [digest] });
    for await (const piece of pieces) expect(piece).toMatchObject({ missing: true, end: true });
    await fleet.until("it is repaired", () => watch.has(digest));
    expect(service.inventory()).toMatchObject({ damaged: 1, repaired: 1, lacking: 0 });
    expect(replica.state.liveDigests().every((each) => watch.has(each))).toBe(true);
    await fleet.settled(service.stop());
  });

  test("a server that lost everything fetches it again", async () => {
    await fleet.crash(site);
    await site.data.chunks.remove(site.data.chunks.digests());
    await fleet.restart(site);
    await fleet.until("everything is back", () => site.data.chunks.stats().chunks === 8);
    expect((await fleet.settled(read(site.services.resources))).equals(bytes)).toBe(true);
  });

  test("bytes of an upload that has this server's receipt are fetched again too", async () => {
    const { replica, resources } = site.services;
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield* stream(file(5_000_000, 3));
      await held;
      yield* stream(file(300_000, 5));
    }
    const request = {
      ...name,
      name: "b",
      kind: "jar",
      note: "",
      sizeBytes: -1,
      digest: "",
    } as const;
    const upload = leader.services.resources.upload(request, slow(), by);
    const self = peerId(site.id);
    await fleet.until("the receipt is given", () =>
      replica.state.uploads().some(({ receipts }) => receipts.includes(self)),
    );
    const pinned = replica.state.uploads()[0]?.chunks[2]?.digest ?? "";
    await site.data.chunks.remove([pinned]);
    damage(site, digestsOf(site).slice(0, 1));
    await fleet.settled(read(resources));
    await fleet.until("it is back", () => site.data.chunks.has(pinned));
    expect(replica.state.uploads()).toHaveLength(1);
    finish();
    await fleet.settled(upload);
  });

  test("nothing is collected before this server knows what is committed", async () => {
    const others = fleet.running().filter((each) => each !== site);
    const digests = digestsOf(site);
    expect(digests).toHaveLength(8);
    for (const other of others) await fleet.crash(other);
    // As after a restart, when the log is applied only in part: nothing says that the bytes are needed.
    const { replica, resources } = site.services;
    const { state } = replica;
    const get = (of: typeof state, key: string | symbol): unknown =>
      key === "isNeeded" ? () => false : Reflect.get(of, key);
    Object.defineProperty(replica, "state", { get: () => new Proxy(state, { get }) });
    await fleet.settled(resources.stop());
    resources.start();
    await fleet.clock.run(4 * collectAfterMs);
    expect(site.data.chunks.digests()).toHaveLength(8);
    // With a leader the same look would have collected them.
    replica.barrier = () => Promise.resolve(replica.revision);
    await fleet.clock.run(4 * collectAfterMs);
    expect(site.data.chunks.digests()).toEqual([]);
  });

  test("without room on its disk a server takes no upload, and says so before it reads a byte", async () => {
    let reads = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      reads += 1;
      yield* stream(file(1000, 9));
    }
    const service = serviceOf(site, new ChunkWatch(site.data.chunks), {
      mayStore: () => {
        throw storageErrors.DISK_NEARLY_FULL("1 more bytes are refused");
      },
    });
    const request = { ...name, kind: "jar", note: "", sizeBytes: -1, digest: "" } as const;
    await expect(fleet.settled(service.upload(request, counted(), by))).rejects.toMatchObject({
      code: "QUORATE_STORAGE_DISK_NEARLY_FULL",
      kind: "exhausted",
    });
    expect([reads, site.services.replica.state.uploads()]).toEqual([0, []]);
  });
});

test("a cluster of one says what is lost, and serves no wrong byte", async () => {
  await found(1);
  const { resources } = leader.services;
  const [digest = ""] = digestsOf(leader);
  damage(leader, [digest]);
  await expect(fleet.settled(read(resources))).rejects.toMatchObject({
    code: chunkMissing,
    fields: { digest, versions: "default/app.jar@1" },
  });
  await fleet.until("nobody has it", () => resources.findings().length > 0);
  expect(resources.findings()).toMatchObject([
    { severity: "error", code: chunkMissing, doThis: expect.any(String) as string },
  ]);
  expect(resources.findings()[0]?.what).toContain("default/app.jar@1");
  expect(resources.inventory()).toMatchObject({ held: 7, lacking: 1, damaged: 1, repaired: 0 });
});

function serviceOf(at: Site, chunks: ChunkWatch, care: Partial<CareModules> = {}): ResourceService {
  const { replica } = at.services;
  return new ResourceService(
    { resourceBytesMax: 50_000_000 },
    {
      replica,
      chunks,
      fetch: (digests: readonly string[], peers: readonly PeerId[]) =>
        replica.fetchChunks(digests, peers),
      clock: fleet.clock,
      logger: silentLogger,
      care: {
        random: { next: () => 1 },
        wallClock: fleet.clock,
        take: () => Promise.resolve(),
        mayStore: () => undefined,
        ...care,
      },
    },
  );
}
