// Uploads: digests are pinned first (Reserve), bytes travel outside the log, receipts prove them, and the commit
// makes a version visible only when a majority of the voters in force holds every byte.
import type { PeerId } from "../../base/numbers.ts";
import type { Change } from "../change.ts";
import type {
  AbortUpload,
  AddReceipt,
  CommitVersion,
  DeleteVersion,
  ReserveUpload,
} from "../commands.ts";
import { stateErrors } from "../errors.ts";
import { chunkBytesMax, reasonCharsMax } from "../limits.ts";
import { checkName, clip } from "../names.ts";
import type { MembershipInForce } from "../reader.ts";
import type { CommandDetail } from "../result.ts";
import type { ChunkRef, Manifest, UploadRow } from "../rows.ts";
import { resourceKey } from "../tables/resources.ts";

export function reserveUpload(change: Change, command: ReserveUpload): CommandDetail {
  const row =
    command.uploadId === "" ? openedUpload(change, command) : knownUpload(change, command);
  const fresh = freshChunks(change, row, command.chunks);
  checkSpace(change, row, fresh);
  const isNew = command.uploadId === "";
  if (isNew || fresh.length > 0) {
    const receipts = fresh.length > 0 ? [] : row.receipts;
    change.putUpload({ ...row, chunks: [...row.chunks, ...fresh], receipts });
  }
  if (isNew) noteResource(change, row, { kind: "UploadOpened", detail: row.uploadId });
  return { kind: "upload", uploadId: row.uploadId };
}

function openedUpload(change: Change, command: ReserveUpload): UploadRow {
  const { namespace, name } = command;
  const { store, index } = change;
  checkName("namespace", namespace);
  checkName("name", name);
  checkLimit(change, "uploadsMax", store.uploads.size + 1);
  const isNewName = store.resources.get(resourceKey(namespace, name)) === undefined;
  if (isNewName) checkLimit(change, "resourcesMax", store.resources.size + 1);
  checkLimit(change, "versionsPerResourceMax", store.resourceVersions.countOf(namespace, name) + 1);
  return {
    uploadId: `u${String(index)}`,
    namespace,
    name,
    chunks: [],
    receipts: [],
    createdRevision: index,
    createdAtMs: change.atMs,
  };
}

function knownUpload(change: Change, command: ReserveUpload): UploadRow {
  const row = openUpload(change, command.uploadId);
  if (row.namespace === command.namespace && row.name === command.name) return row;
  throw stateErrors.VALUE_INVALID(
    `upload ${row.uploadId} is for ${row.namespace}/${row.name}, not ${command.namespace}/${command.name}`,
    { fields: { field: "name", uploadId: row.uploadId } },
  );
}

/** The chunks that the upload has not reserved yet, each once. */
function freshChunks(change: Change, row: UploadRow, chunks: readonly ChunkRef[]): ChunkRef[] {
  const sizes = new Map(row.chunks.map((chunk) => [chunk.digest, chunk.sizeBytes]));
  const fresh: ChunkRef[] = [];
  for (const { digest, sizeBytes } of chunks) {
    const known = sizes.get(digest) ?? change.store.chunks.get(digest)?.sizeBytes ?? sizeBytes;
    if (sizeBytes < 1 || sizeBytes > chunkBytesMax || known !== sizeBytes) {
      throw stateErrors.VALUE_INVALID(`chunk ${digest} cannot have ${String(sizeBytes)} bytes`, {
        fields: { field: "sizeBytes", digest, sizeBytes, chunkBytesMax },
      });
    }
    if (!sizes.has(digest)) fresh.push({ digest, sizeBytes });
    sizes.set(digest, sizeBytes);
  }
  return fresh;
}

function checkSpace(change: Change, row: UploadRow, fresh: readonly ChunkRef[]): void {
  const { chunks } = change.store;
  const added = totalBytes(fresh);
  const stored = totalBytes(fresh.filter((chunk) => chunks.get(chunk.digest) === undefined));
  checkLimit(change, "chunksPerUploadMax", row.chunks.length + fresh.length);
  checkLimit(change, "fileBytesMax", totalBytes(row.chunks) + added);
  checkLimit(change, "storeBytesMax", chunks.totalBytes + stored);
}

/** A receipt that is late, early or of a server that is no member changes nothing. */
export function addReceipt(change: Change, command: AddReceipt): CommandDetail {
  const row = change.store.uploads.get(command.uploadId);
  const { voters, learners, votersOutgoing } = change.store.membership;
  const isMember = [...voters, ...learners, ...votersOutgoing].includes(command.peerId);
  if (row === undefined || !isMember || row.chunks.length !== command.chunkCount) {
    return { kind: "none" };
  }
  if (!row.receipts.includes(command.peerId)) {
    change.putUpload({ ...row, receipts: [...row.receipts, command.peerId] });
  }
  return { kind: "none" };
}

export function commitVersion(change: Change, command: CommitVersion): CommandDetail {
  const { store, index, atMs, actor } = change;
  const row = openUpload(change, command.uploadId);
  const { namespace, name } = row;
  const { manifest } = command;
  checkManifest(change, row, manifest);
  const latest = store.resourceVersions.latest(namespace, name);
  if (latest?.manifest.digest === manifest.digest && latest.manifest.kind === manifest.kind) {
    change.deleteUpload(row.uploadId);
    return { kind: "version", version: latest.version };
  }
  checkReceipts(change, row, manifest);
  checkLimit(change, "versionsPerResourceMax", store.resourceVersions.countOf(namespace, name) + 1);
  const version = (store.resources.get(resourceKey(namespace, name))?.lastVersion ?? 0) + 1;
  const note = clip(command.note, reasonCharsMax);
  change.putVersion({
    namespace,
    name,
    version,
    manifest,
    note,
    createdRevision: index,
    createdAtMs: atMs,
    createdBy: actor,
  });
  change.deleteUpload(row.uploadId);
  const detail = `version ${String(version)}, ${String(manifest.sizeBytes)} bytes, ${manifest.digest}`;
  noteResource(change, row, { kind: "VersionCommitted", detail });
  return { kind: "version", version };
}

function checkManifest(change: Change, row: UploadRow, manifest: Manifest): void {
  checkLimit(change, "fileBytesMax", manifest.sizeBytes);
  checkLimit(change, "chunksPerUploadMax", manifest.chunks.length);
  const reserved = new Map(row.chunks.map((chunk) => [chunk.digest, chunk.sizeBytes]));
  for (const { digest, sizeBytes } of manifest.chunks) {
    const use = change.store.chunks.get(digest);
    const live = use !== undefined && use.live > 0 ? use.sizeBytes : undefined;
    if ((reserved.get(digest) ?? live) !== sizeBytes) {
      throw stateErrors.CHUNK_MISSING(
        `chunk ${digest} of ${String(sizeBytes)} bytes is neither reserved in ${row.uploadId} nor stored`,
        { fields: { uploadId: row.uploadId, digest, sizeBytes } },
      );
    }
  }
  const sum = totalBytes(manifest.chunks);
  if (sum !== manifest.sizeBytes) {
    throw stateErrors.VALUE_INVALID(
      `the chunks have ${String(sum)} bytes, the manifest says ${String(manifest.sizeBytes)}`,
      { fields: { field: "manifest.sizeBytes", chunkBytes: sum, sizeBytes: manifest.sizeBytes } },
    );
  }
}

/** Chunks that are live already were proven when they became it; only others need receipts. */
function checkReceipts(change: Change, row: UploadRow, manifest: Manifest): void {
  const { store } = change;
  const isLive = (chunk: ChunkRef): boolean => (store.chunks.get(chunk.digest)?.live ?? 0) > 0;
  if (manifest.chunks.every(isLive) || isStoredByMajority(store.membership, row.receipts)) return;
  const { uploadId, receipts } = row;
  const voters = store.membership.voters.length;
  throw stateErrors.RECEIPTS_MISSING(
    `${uploadId} is stored by ${String(receipts.length)} servers, no majority of ${String(voters)} voters`,
    { fields: { uploadId, receipts: receipts.length, voters } },
  );
}

/** Both halves of a joint configuration must agree, as for commits (Raft §6). */
function isStoredByMajority(membership: MembershipInForce, holders: readonly PeerId[]): boolean {
  const { voters, votersOutgoing } = membership;
  return (
    holdMajority(voters, holders) &&
    (votersOutgoing.length === 0 || holdMajority(votersOutgoing, holders))
  );
}

function holdMajority(voters: readonly PeerId[], holders: readonly PeerId[]): boolean {
  return voters.filter((voter) => holders.includes(voter)).length * 2 > voters.length;
}

export function abortUpload(change: Change, command: AbortUpload): CommandDetail {
  const row = openUpload(change, command.uploadId);
  change.deleteUpload(row.uploadId);
  const detail = `${row.uploadId}: ${command.reason}`;
  noteResource(change, row, { kind: "UploadAborted", detail });
  return { kind: "none" };
}

export function deleteVersion(change: Change, command: DeleteVersion): CommandDetail {
  const { namespace, name, version } = command;
  const { store } = change;
  const row = store.resourceVersions.of(namespace, name, version);
  const full = `${namespace}/${name}@${String(version)}`;
  if (row === undefined) {
    const fields = { namespace, name, version };
    throw stateErrors.RESOURCE_UNKNOWN(`${full} does not exist`, { fields });
  }
  const users = store.jobs.using(command);
  const user = users[0] === undefined ? undefined : store.jobs.get(users[0]);
  if (user !== undefined) {
    const job = `${user.namespace}/${user.name}`;
    throw stateErrors.RESOURCE_IN_USE(
      `${full} is used by ${String(users.length)} jobs, e.g. ${job}`,
      {
        fields: { namespace, name, version, job, jobId: user.jobId, jobs: users.length },
      },
    );
  }
  change.deleteVersion(row);
  noteResource(change, row, { kind: "VersionDeleted", detail: `version ${String(version)}` });
  return { kind: "none" };
}

function openUpload(change: Change, uploadId: string): UploadRow {
  const row = change.store.uploads.get(uploadId);
  if (row !== undefined) return row;
  throw stateErrors.UPLOAD_UNKNOWN(`upload ${JSON.stringify(uploadId)} is not open`, {
    fields: { uploadId },
  });
}

type UploadLimit =
  | "uploadsMax"
  | "resourcesMax"
  | "versionsPerResourceMax"
  | "chunksPerUploadMax"
  | "fileBytesMax"
  | "storeBytesMax";

function checkLimit(change: Change, limit: UploadLimit, needed: number): void {
  const max = change.limits[limit];
  if (needed <= max) return;
  throw stateErrors.LIMIT_REACHED(`${String(needed)} is above ${limit} = ${String(max)}`, {
    fields: { limit, max, needed },
  });
}

function totalBytes(chunks: readonly ChunkRef[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
}

function noteResource(
  change: Change,
  of: { readonly namespace: string; readonly name: string },
  what: { readonly kind: string; readonly detail: string },
): void {
  change.note({ subject: `resource/${of.namespace}/${of.name}`, ...what });
}
