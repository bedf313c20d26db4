import { count, revisionNumber, struct, text } from "../codec/codec.ts";
import { manifest } from "../codec/values.ts";
import { GroupIndex } from "../group-index.ts";
import type { ResourceRef, ResourceVersionRow } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";
import type { ChunkIndex } from "./chunk-index.ts";
import { numberKey } from "./keys.ts";

/** Names hold no "/", so all versions of a resource share the prefix before the number. */
export function versionKey(ref: Pick<ResourceRef, "namespace" | "name" | "version">): string {
  return `${versionPrefix(ref.namespace, ref.name)}${numberKey(ref.version)}`;
}

function versionPrefix(namespace: string, name: string): string {
  return `${namespace}/${name}/`;
}

const prefixOf = (row: ResourceVersionRow): string => versionPrefix(row.namespace, row.name);

const spec: TableSpec<string, ResourceVersionRow> = {
  name: "resource-versions",
  number: 6,
  keyOf: versionKey,
  ...struct<ResourceVersionRow>({
    namespace: text,
    name: text,
    version: count,
    manifest,
    note: text,
    createdRevision: revisionNumber,
    createdAtMs: count,
    createdBy: text,
  }),
};

export class ResourceVersionTable extends Table<string, ResourceVersionRow> {
  readonly #byName = this.follow(
    new GroupIndex<string, ResourceVersionRow>({
      keyOf: versionKey,
      groupsOf: (row) => [prefixOf(row)],
    }),
  );
  readonly #chunks: ChunkIndex;

  constructor(chunks: ChunkIndex) {
    super(spec);
    this.#chunks = chunks;
    this.follow({
      changed(before, after) {
        if (after !== undefined) chunks.addLive(after.manifest.chunks);
        if (before !== undefined) chunks.dropLive(before.manifest.chunks);
      },
    });
  }

  override contradiction(row: ResourceVersionRow): string | undefined {
    if (!this.#chunks.agreesWith(row.manifest.chunks)) return "a chunk has two sizes";
    return super.contradiction(row);
  }

  of(namespace: string, name: string, version: number): ResourceVersionRow | undefined {
    return this.get(versionKey({ namespace, name, version }));
  }

  latest(namespace: string, name: string): ResourceVersionRow | undefined {
    const key = this.#byName.last(versionPrefix(namespace, name));
    return key === undefined ? undefined : this.get(key);
  }

  countOf(namespace: string, name: string): number {
    return this.#byName.keys(versionPrefix(namespace, name)).size;
  }

  /** Oldest first. */
  versions(namespace: string, name: string): readonly ResourceVersionRow[] {
    return this.withPrefix(versionPrefix(namespace, name));
  }
}
