import { count, revisionNumber, struct, text } from "../codec/codec.ts";
import { desiredState, jobSpec } from "../codec/values.ts";
import { GroupIndex } from "../group-index.ts";
import type { JobRow, ResourceRef, RunSpec } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";
import { versionKey } from "./resource-versions.ts";

const keyOf = (row: JobRow): string => row.jobId;

const spec: TableSpec<string, JobRow> = {
  name: "jobs",
  number: 4,
  keyOf,
  ...struct<JobRow>({
    jobId: text,
    namespace: text,
    name: text,
    specRevision: count,
    spec: jobSpec,
    desired: desiredState,
    createdRevision: revisionNumber,
    createdAtMs: count,
    submittedBy: text,
  }),
};

/** The resource that a run needs; undefined for a command without one. */
export function resourceOf(run: RunSpec): ResourceRef | undefined {
  return run.resource;
}

const fullName = (namespace: string, name: string): string => `${namespace}/${name}`;

export class JobTable extends Table<string, JobRow> {
  /** Only jobs that are not being deleted: their names are taken. */
  readonly #byName = this.follow(
    new GroupIndex<string, JobRow>({
      keyOf,
      groupsOf: (row) => (row.desired === "deleted" ? [] : [fullName(row.namespace, row.name)]),
    }),
  );
  readonly #byVersion = this.follow(
    new GroupIndex<string, JobRow>({
      keyOf,
      groupsOf: (row) => {
        const used = resourceOf(row.spec.run);
        return used === undefined ? [] : [versionKey(used)];
      },
    }),
  );

  constructor() {
    super(spec);
  }

  named(namespace: string, name: string): JobRow | undefined {
    const key = this.#byName.first(fullName(namespace, name));
    return key === undefined ? undefined : this.get(key);
  }

  /** Ids of the jobs that refer to a version, sorted. */
  using(version: Pick<ResourceRef, "namespace" | "name" | "version">): readonly string[] {
    return this.#byVersion.sorted(versionKey(version));
  }
}
