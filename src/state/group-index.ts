// Secondary index: group name → keys of the rows in it. The sets' own order depends on history, which a
// restored server does not share: whoever decides anything from a group sorts it or picks an extreme.
import { compareStrings } from "../base/bytes.ts";
import type { TableIndex } from "./table.ts";

const none: ReadonlySet<never> = new Set<never>();

export interface GroupIndexSpec<K extends string, V> {
  keyOf(row: V): K;
  /** The groups that a row belongs to; without duplicates. */
  groupsOf(row: V): readonly string[];
}

export class GroupIndex<K extends string, V> implements TableIndex<V> {
  readonly #spec: GroupIndexSpec<K, V>;
  readonly #groups = new Map<string, Set<K>>();

  constructor(spec: GroupIndexSpec<K, V>) {
    this.#spec = spec;
  }

  /** Unordered; a live view. */
  keys(group: string): ReadonlySet<K> {
    return this.#groups.get(group) ?? none;
  }

  /** Ascending. */
  sorted(group: string): readonly K[] {
    return [...this.keys(group)].sort(compareStrings);
  }

  /** The smallest key of the group. */
  first(group: string): K | undefined {
    let least: K | undefined;
    for (const key of this.keys(group)) if (least === undefined || key < least) least = key;
    return least;
  }

  /** The greatest key of the group. */
  last(group: string): K | undefined {
    let greatest: K | undefined;
    for (const key of this.keys(group))
      if (greatest === undefined || key > greatest) greatest = key;
    return greatest;
  }

  changed(before: V | undefined, after: V | undefined): void {
    const old = before === undefined ? [] : this.#spec.groupsOf(before);
    const now = after === undefined ? [] : this.#spec.groupsOf(after);
    if (before !== undefined)
      for (const group of old) if (!now.includes(group)) this.#drop(group, before);
    if (after !== undefined)
      for (const group of now) if (!old.includes(group)) this.#add(group, after);
  }

  #add(group: string, row: V): void {
    const key = this.#spec.keyOf(row);
    const keys = this.#groups.get(group);
    if (keys === undefined) this.#groups.set(group, new Set([key]));
    else keys.add(key);
  }

  #drop(group: string, row: V): void {
    const keys = this.#groups.get(group);
    keys?.delete(this.#spec.keyOf(row));
    if (keys?.size === 0) this.#groups.delete(group);
  }
}
