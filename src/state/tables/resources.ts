import { count, struct, text } from "../codec/codec.ts";
import type { ResourceRow } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";

export const resourceKey = (namespace: string, name: string): string => `${namespace}/${name}`;

const spec: TableSpec<string, ResourceRow> = {
  name: "resources",
  number: 7,
  keyOf: (row) => resourceKey(row.namespace, row.name),
  ...struct<ResourceRow>({ namespace: text, name: text, lastVersion: count }),
};

export class ResourceTable extends Table<string, ResourceRow> {
  constructor() {
    super(spec);
  }
}
