import { utf8Length } from "../../base/utf8.ts";
import { bytes, count, revisionNumber, struct, text } from "../codec/codec.ts";
import { kvRowOverheadBytes } from "../limits.ts";
import type { KvRow } from "../rows.ts";
import { Table, type TableIndex, type TableSpec } from "../table.ts";

const spec: TableSpec<string, KvRow> = {
  name: "kv",
  number: 3,
  keyOf: (row) => row.key,
  ...struct<KvRow>({
    key: text,
    value: bytes,
    createdRevision: revisionNumber,
    modifiedRevision: revisionNumber,
    version: count,
  }),
};

/** What a row counts toward the quota. */
export function kvCostBytes(key: string, value: Uint8Array): number {
  return utf8Length(key) + value.length + kvRowOverheadBytes;
}

class UsedBytes implements TableIndex<KvRow> {
  total = 0;

  changed(before: KvRow | undefined, after: KvRow | undefined): void {
    if (before !== undefined) this.total -= kvCostBytes(before.key, before.value);
    if (after !== undefined) this.total += kvCostBytes(after.key, after.value);
  }
}

export class KvTable extends Table<string, KvRow> {
  readonly #used = this.follow(new UsedBytes());

  constructor() {
    super(spec);
  }

  get usedBytes(): number {
    return this.#used.total;
  }
}
