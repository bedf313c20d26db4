import { count, listOf, peerNumber, revisionNumber, struct, text } from "../codec/codec.ts";
import { chunkRef } from "../codec/values.ts";
import type { UploadRow } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";
import type { ChunkIndex } from "./chunk-index.ts";

const spec: TableSpec<string, UploadRow> = {
  name: "uploads",
  number: 8,
  keyOf: (row) => row.uploadId,
  ...struct<UploadRow>({
    uploadId: text,
    namespace: text,
    name: text,
    chunks: listOf(chunkRef),
    receipts: listOf(peerNumber),
    createdRevision: revisionNumber,
    createdAtMs: count,
  }),
};

/** Invariant: an upload's chunks are only ever appended to. */
export class UploadTable extends Table<string, UploadRow> {
  readonly #chunks: ChunkIndex;

  constructor(chunks: ChunkIndex) {
    super(spec);
    this.#chunks = chunks;
    this.follow({
      changed(before, after) {
        if (after === undefined) chunks.unpin(before?.chunks ?? []);
        else chunks.pin(after.chunks.slice(before?.chunks.length ?? 0));
      },
    });
  }

  override contradiction(row: UploadRow): string | undefined {
    if (!this.#chunks.agreesWith(row.chunks)) return "a chunk has two sizes";
    return super.contradiction(row);
  }
}
