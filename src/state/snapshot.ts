// The canonical bytes of a state: equal states give equal bytes, whatever history led to them. They are a stream
// of records (length, type, body), cut into pieces without regard to record boundaries:
//   header (magic, version, revision, membership) · per table: its number and row count, its rows by key · end
import { assert } from "../base/assert.ts";
import { ByteWriter } from "../base/bytes.ts";
import type { Revision } from "../base/numbers.ts";
import { type Codec, listOf, peerNumber, revisionNumber, struct, text } from "./codec/codec.ts";
import { snapshotPieceBytesMax } from "./limits.ts";
import type { MembershipInForce } from "./reader.ts";
import type { Store } from "./store.ts";
import type { FrozenRows, TableSpec } from "./table.ts";

export const snapshotVersion = 1;
export const recordHeader = 1;
export const recordTable = 2;
export const recordRow = 3;
export const recordEnd = 4;

export interface SnapshotHeader {
  readonly magic: string;
  readonly revision: Revision;
  readonly membership: MembershipInForce;
}

export const snapshotMagic = "quorate-state";

export const snapshotHeader: Codec<SnapshotHeader> = struct<SnapshotHeader>({
  magic: text,
  revision: revisionNumber,
  membership: struct<MembershipInForce>({
    voters: listOf(peerNumber),
    learners: listOf(peerNumber),
    votersOutgoing: listOf(peerNumber),
  }),
});

/** The rows of one table as the writer sees them: frozen for a snapshot, live for a digest. */
export interface TableImage extends FrozenRows<unknown> {
  readonly spec: TableSpec<string, unknown>;
  readonly size: number;
}

export interface StateImage {
  readonly revision: Revision;
  readonly membership: MembershipInForce;
  readonly tables: readonly TableImage[];
}

/** A state held still while entries go on being applied; `release` must be called, exactly once. */
export interface StateSnapshot {
  readonly revision: Revision;
  /** The canonical bytes in pieces of at most `snapshotPieceBytesMax`; may be iterated until `release`. */
  pieces(): Iterable<Uint8Array>;
  release(): void;
}

export function freezeStore(store: Store): StateSnapshot {
  const { revision, membership } = store;
  const tables = store.all.map((table) => ({
    spec: table.spec,
    size: table.size,
    rows: table.freeze().rows,
  }));
  let released = false;
  return {
    revision,
    *pieces(): Generator<Uint8Array> {
      for (const piece of imagePieces({ revision, membership, tables })) {
        assert(!released, "a snapshot is not read after its release");
        yield piece;
      }
    },
    release(): void {
      assert(!released, "a snapshot is released once");
      released = true;
      for (const table of store.all) table.thaw();
    },
  };
}

/** The state as it is now; to be consumed before the next entry is applied. */
export function liveImage(store: Store): StateImage {
  const { revision, membership } = store;
  const tables = store.all.map((table) => ({
    spec: table.spec,
    size: table.size,
    rows: () => table.values(),
  }));
  return { revision, membership, tables };
}

export function* imagePieces(image: StateImage): Generator<Uint8Array> {
  let piece = new Uint8Array(snapshotPieceBytesMax);
  let filled = 0;
  for (const record of records(image)) {
    for (let at = 0; at < record.length; ) {
      const part = record.subarray(at, at + piece.length - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < piece.length) continue;
      yield piece;
      piece = new Uint8Array(snapshotPieceBytesMax);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.slice(0, filled);
}

function* records(image: StateImage): Generator<Uint8Array> {
  const { revision, membership } = image;
  yield record(recordHeader, (writer) => {
    writer.u8(snapshotVersion);
    snapshotHeader.write(writer, { magic: snapshotMagic, revision, membership });
  });
  for (const { spec, size, rows } of image.tables) {
    yield record(recordTable, (writer) => void writer.u8(spec.number).varint(size));
    for (const row of rows()) {
      yield record(recordRow, (writer) => {
        spec.write(writer, row);
      });
    }
  }
  yield record(recordEnd, () => undefined);
}

function record(type: number, write: (writer: ByteWriter) => void): Uint8Array {
  const body = new ByteWriter();
  body.u32(0).u8(type);
  write(body);
  const bytes = body.finish();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, bytes.length - recordLengthBytes);
  return bytes;
}

/** Size of the length in front of each record: four bytes, big-endian, of type and body together. */
export const recordLengthBytes = 4;
