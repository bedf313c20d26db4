// History, bounded in total and per subject. The oldest go first; both bounds are part of the state, so all
// servers forget the same lines.
import { count, revisionNumber, struct, text } from "../codec/codec.ts";
import { GroupIndex } from "../group-index.ts";
import type { EventRow } from "../rows.ts";
import { Table, type TableIndex, type TableSpec } from "../table.ts";
import { numberKey } from "./keys.ts";

const keyOf = (row: EventRow): string => `${numberKey(row.revision)}/${numberKey(row.ordinal)}`;

const spec: TableSpec<string, EventRow> = {
  name: "events",
  number: 10,
  keyOf,
  ...struct<EventRow>({
    revision: revisionNumber,
    ordinal: count,
    atMs: count,
    subject: text,
    kind: text,
    actor: text,
    detail: text,
  }),
};

const compactFloor = 64;

/** Keys in order of insertion, which is their own order too; removed ones are skipped when they come up. */
class Ages implements TableIndex<EventRow> {
  #keys: string[] = [];
  #head = 0;

  changed(before: EventRow | undefined, after: EventRow | undefined): void {
    if (before === undefined && after !== undefined) this.#keys.push(keyOf(after));
  }

  /** Takes keys, oldest first, until one is still there. */
  take(isThere: (key: string) => boolean): string | undefined {
    while (this.#head < this.#keys.length) {
      const key = this.#keys[this.#head];
      this.#head += 1;
      if (key !== undefined && isThere(key)) return key;
    }
    return undefined;
  }

  /** Drops what is gone once it is more than half, so that the list stays within twice the table. */
  compact(size: number, isThere: (key: string) => boolean): void {
    if (this.#keys.length <= 2 * size + compactFloor) return;
    this.#keys = this.#keys.slice(this.#head).filter(isThere);
    this.#head = 0;
  }
}

export interface EventBounds {
  readonly eventsMax: number;
  readonly eventsPerSubjectMax: number;
}

export class EventTable extends Table<string, EventRow> {
  readonly #ages = this.follow(new Ages());
  readonly #bySubject = this.follow(
    new GroupIndex<string, EventRow>({ keyOf, groupsOf: (row) => [row.subject] }),
  );

  constructor() {
    super(spec);
  }

  append(row: EventRow, bounds: EventBounds): void {
    this.put(row);
    if (this.#bySubject.keys(row.subject).size > bounds.eventsPerSubjectMax) {
      const oldest = this.#bySubject.first(row.subject);
      if (oldest !== undefined) this.delete(oldest);
    }
    const isThere = (key: string): boolean => this.get(key) !== undefined;
    while (this.size > bounds.eventsMax) {
      const oldest = this.#ages.take(isThere);
      if (oldest === undefined) break;
      this.delete(oldest);
    }
    this.#ages.compact(this.size, isThere);
  }

  of(subject: string): readonly EventRow[] {
    return this.#bySubject.sorted(subject).flatMap((key) => this.get(key) ?? []);
  }
}
