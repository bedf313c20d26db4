import { describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import type { ChunkRef } from "../../../src/state/rows.ts";
import { bytesOf, chunk, digestOf, Fixture, profileOf, restored } from "./fixture.ts";

function reserve(f: Fixture, chunks: readonly ChunkRef[], uploadId = ""): string {
  const command = { kind: "reserve-upload", uploadId, namespace: "ns", name: "f", chunks } as const;
  const detail = f.done(command);
  if (detail.kind !== "upload") throw new Error(detail.kind);
  return detail.uploadId;
}

function refusedReserve(f: Fixture, chunks: readonly ChunkRef[], uploadId = "", name = "f") {
  return f.refused({ kind: "reserve-upload", uploadId, namespace: "ns", name, chunks });
}

function receipt(f: Fixture, uploadId: string, peer: number, chunkCount: number): void {
  f.done({ kind: "add-receipt", uploadId, peerId: peerId(peer), chunkCount });
}

function commit(uploadId: string, chunks: readonly ChunkRef[], file = 1000) {
  const sizeBytes = chunks.reduce((sum, one) => sum + one.sizeBytes, 0);
  const manifest = { kind: "jar", digest: digestOf(file), sizeBytes, chunks } as const;
  return { kind: "commit-version", uploadId, manifest, note: "n" } as const;
}

/** A whole upload with receipts of all voters. */
function push(f: Fixture, chunks: readonly ChunkRef[], file: number): number {
  const uploadId = reserve(f, chunks);
  for (const voter of f.tables.membership.voters) receipt(f, uploadId, voter, chunks.length);
  const detail = f.done(commit(uploadId, chunks, file));
  if (detail.kind !== "version") throw new Error(detail.kind);
  return detail.version;
}

describe("reserve", () => {
  test("opens, adds what is new, and pins", () => {
    const f = new Fixture().cluster(1);
    const uploadId = reserve(f, [chunk(1), chunk(2), chunk(1)]);
    expect(uploadId).toBe("u2");
    reserve(f, [chunk(2), chunk(3)], uploadId);
    expect(f.tables.upload(uploadId)?.chunks).toEqual([chunk(1), chunk(2), chunk(3)]);
    expect(f.tables.neededDigests()).toEqual([1, 2, 3].map(digestOf));
    expect(f.tables.liveDigests()).toEqual([]);
    expect(f.tables.chunk(digestOf(1))).toEqual({ sizeBytes: 100, live: 0, pinned: 1 });
    reserve(f, [chunk(3)], uploadId);
    expect(f.last?.topics).toEqual([]);
  });

  test("bad names, sizes and strangers are refused", () => {
    const f = new Fixture();
    expect(refusedReserve(f, [], "", "..").code).toBe("QUORATE_STATE_NAME_INVALID");
    expect(refusedReserve(f, [chunk(1, 0)]).code).toBe("QUORATE_STATE_VALUE_INVALID");
    expect(refusedReserve(f, [chunk(1, 1024 * 1024 + 1)]).kind).toBe("invalid");
    expect(refusedReserve(f, [chunk(1, 1), chunk(1, 2)]).kind).toBe("invalid");
    expect(refusedReserve(f, [], "u9").code).toBe("QUORATE_STATE_UPLOAD_UNKNOWN");
    const uploadId = reserve(f, [chunk(1, 1)]);
    expect(refusedReserve(f, [chunk(1, 2)]).kind).toBe("invalid");
    expect(refusedReserve(f, [], uploadId, "other").kind).toBe("invalid");
  });

  test("limits of file, store and counts", () => {
    const limit = (f: Fixture, chunks: readonly ChunkRef[], uploadId = "", name = "f") =>
      refusedReserve(f, chunks, uploadId, name).fields["limit"];
    const file = new Fixture({ fileBytesMax: 150 });
    const first = reserve(file, [chunk(1)]);
    expect(limit(file, [chunk(2)], first)).toBe("fileBytesMax");
    const store = new Fixture({ storeBytesMax: 150 });
    reserve(store, [chunk(1)]);
    expect(limit(store, [chunk(2)])).toBe("storeBytesMax");
    reserve(store, [chunk(1), chunk(3, 50)]);
    expect(limit(new Fixture({ chunksPerUploadMax: 1 }), [chunk(1), chunk(2)])).toBe(
      "chunksPerUploadMax",
    );
    const uploads = new Fixture({ uploadsMax: 1 });
    reserve(uploads, []);
    expect(limit(uploads, [])).toBe("uploadsMax");
    const names = new Fixture({ resourcesMax: 1, versionsPerResourceMax: 1 }).cluster(1);
    push(names, [chunk(1)], 1);
    expect(limit(names, [], "", "other")).toBe("resourcesMax");
    expect(limit(names, [])).toBe("versionsPerResourceMax");
  });

  test("abort unpins", () => {
    const f = new Fixture();
    const uploadId = reserve(f, [chunk(1)]);
    f.done({ kind: "abort-upload", uploadId, reason: "client left" });
    expect([f.tables.uploads(), f.tables.neededDigests()]).toEqual([[], []]);
    expect(f.tables.stats()).toMatchObject({ chunks: 0, chunkBytes: 0 });
    const again = { kind: "abort-upload", uploadId, reason: "" } as const;
    expect(f.refused(again).code).toBe("QUORATE_STATE_UPLOAD_UNKNOWN");
  });
});

describe("receipts", () => {
  test("count only for members and for exactly what is reserved", () => {
    const f = new Fixture().cluster(2);
    f.membership({ voters: [1, 2], learners: [3] }, [{ peer: 3, profile: profileOf("s3") }]);
    const uploadId = reserve(f, [chunk(1)]);
    receipt(f, uploadId, 9, 1);
    receipt(f, uploadId, 1, 2);
    receipt(f, "u99", 1, 1);
    expect(f.tables.upload(uploadId)?.receipts).toEqual([]);
    for (const peer of [3, 1, 1]) receipt(f, uploadId, peer, 1);
    expect(f.tables.upload(uploadId)?.receipts).toEqual([3, 1]);
    reserve(f, [chunk(2)], uploadId);
    expect(f.tables.upload(uploadId)?.receipts).toEqual([]);
    receipt(f, uploadId, 1, 1);
    expect(f.tables.upload(uploadId)?.receipts).toEqual([]);
  });
});

describe("commit", () => {
  test("needs a majority of the voters in force", () => {
    const f = new Fixture().cluster(3);
    f.membership({ voters: [1, 2, 3], learners: [4] }, [{ peer: 4, profile: profileOf("s4") }]);
    const uploadId = reserve(f, [chunk(1)]);
    receipt(f, uploadId, 1, 1);
    receipt(f, uploadId, 4, 1);
    const error = f.refused(commit(uploadId, [chunk(1)]));
    expect(error).toMatchObject({ code: "QUORATE_STATE_RECEIPTS_MISSING", kind: "precondition" });
    receipt(f, uploadId, 2, 1);
    expect(f.done(commit(uploadId, [chunk(1)]))).toEqual({ kind: "version", version: 1 });
    expect(f.tables.chunk(digestOf(1))).toEqual({ sizeBytes: 100, live: 1, pinned: 0 });
    expect(f.tables.resource("ns", "f", "latest")).toMatchObject({ version: 1, note: "n" });
    expect(f.last?.topics).toEqual(expect.arrayContaining(["resources/ns/f", "uploads"]));
  });

  test("needs both halves of a joint membership, as they are now", () => {
    const f = new Fixture().cluster(3);
    const uploadId = reserve(f, [chunk(1)]);
    for (const peer of [1, 2]) receipt(f, uploadId, peer, 1);
    f.membership({ voters: [3, 4, 5], outgoing: [1, 2, 3] }, [
      { peer: 4, profile: profileOf("s4") },
      { peer: 5, profile: profileOf("s5") },
    ]);
    expect(f.refused(commit(uploadId, [chunk(1)])).code).toBe("QUORATE_STATE_RECEIPTS_MISSING");
    receipt(f, uploadId, 4, 1);
    expect(f.refused(commit(uploadId, [chunk(1)])).kind).toBe("precondition");
    receipt(f, uploadId, 5, 1);
    f.done(commit(uploadId, [chunk(1)]));
  });

  test("the incoming half alone is not enough either", () => {
    const f = new Fixture().cluster(3);
    f.membership({ voters: [3, 4, 5], outgoing: [1, 2, 3] }, [
      { peer: 4, profile: profileOf("s4") },
      { peer: 5, profile: profileOf("s5") },
    ]);
    const uploadId = reserve(f, [chunk(1)]);
    for (const peer of [4, 5]) receipt(f, uploadId, peer, 1);
    expect(f.refused(commit(uploadId, [chunk(1)])).code).toBe("QUORATE_STATE_RECEIPTS_MISSING");
    f.membership({ voters: [3, 4, 5] });
    f.done(commit(uploadId, [chunk(1)]));
  });

  test("without voters nothing is a majority", () => {
    const f = new Fixture();
    const uploadId = reserve(f, [chunk(1)]);
    expect(f.refused(commit(uploadId, [chunk(1)])).code).toBe("QUORATE_STATE_RECEIPTS_MISSING");
  });

  test("live chunks need no new proof", () => {
    const f = new Fixture().cluster(1);
    push(f, [chunk(1), chunk(2)], 1);
    const uploadId = reserve(f, []);
    const detail = f.done(commit(uploadId, [chunk(2), chunk(1), chunk(2)], 2));
    expect(detail).toEqual({ kind: "version", version: 2 });
    expect(f.tables.chunk(digestOf(2))?.live).toBe(3);
    const mixed = reserve(f, [chunk(3)]);
    expect(f.refused(commit(mixed, [chunk(1), chunk(3)], 3)).code).toBe(
      "QUORATE_STATE_RECEIPTS_MISSING",
    );
  });

  test("chunks of other uploads or of another size are missing; sizes must add up", () => {
    const f = new Fixture().cluster(1);
    reserve(f, [chunk(1)]);
    const uploadId = reserve(f, [chunk(2)]);
    expect(f.refused(commit(uploadId, [chunk(1)])).code).toBe("QUORATE_STATE_CHUNK_MISSING");
    expect(f.refused(commit(uploadId, [chunk(2, 99)])).code).toBe("QUORATE_STATE_CHUNK_MISSING");
    const { manifest, ...rest } = commit(uploadId, [chunk(2)]);
    const wrong = { ...rest, manifest: { ...manifest, sizeBytes: 99 } };
    expect(f.refused(wrong).code).toBe("QUORATE_STATE_VALUE_INVALID");
    expect(f.refused(commit("u99", [])).code).toBe("QUORATE_STATE_UPLOAD_UNKNOWN");
  });

  test("the latest file once more makes no version", () => {
    const f = new Fixture().cluster(1);
    expect([push(f, [chunk(1)], 1), push(f, [chunk(1)], 1), push(f, [chunk(2)], 2)]).toEqual([
      1, 1, 2,
    ]);
    expect(push(f, [chunk(1)], 1)).toBe(3);
    expect(f.tables.uploads()).toEqual([]);
    expect(f.tables.resourceVersions("ns", "f").map((row) => row.version)).toEqual([1, 2, 3]);
  });
});

describe("delete", () => {
  test("numbers are never used twice, not even after a restore", () => {
    const f = new Fixture().cluster(1);
    push(f, [chunk(1)], 1);
    push(f, [chunk(1), chunk(2)], 2);
    const remove = (version: number) =>
      ({ kind: "delete-version", namespace: "ns", name: "f", version }) as const;
    f.done(remove(2));
    expect(f.refused(remove(2)).code).toBe("QUORATE_STATE_RESOURCE_UNKNOWN");
    expect(f.tables.neededDigests()).toEqual([digestOf(1)]);
    f.done(remove(1));
    expect(f.tables.resource("ns", "f", "latest")).toBeUndefined();
    f.machine = restored(bytesOf(f.machine));
    expect(push(f, [chunk(1)], 1)).toBe(3);
  });

  test("an upload keeps the chunks of a deleted version", () => {
    const f = new Fixture().cluster(1);
    push(f, [chunk(1)], 1);
    const uploadId = reserve(f, [chunk(1)]);
    f.done({ kind: "delete-version", namespace: "ns", name: "f", version: 1 });
    expect(f.tables.isNeeded(digestOf(1))).toBe(true);
    expect(f.refused(commit(uploadId, [chunk(1)], 2)).code).toBe("QUORATE_STATE_RECEIPTS_MISSING");
    receipt(f, uploadId, 1, 1);
    f.done(commit(uploadId, [chunk(1)], 2));
  });
});
