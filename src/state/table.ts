// One replicated table: rows by key, secondary indexes that follow every change, and a freeze for snapshots.
// While frozen, writes go to an overlay and the base keeps the rows of the moment of freezing, so that a
// snapshot can be written piece by piece while entries are applied.
import { assert } from "../base/assert.ts";
import type { ByteReader, ByteWriter } from "../base/bytes.ts";
import { KeyOrder } from "./key-order.ts";

/** What a table stores and how a row looks in a snapshot. */
export interface TableSpec<K extends string, V> {
  readonly name: string;
  /** Identity in snapshots; never reused. */
  readonly number: number;
  keyOf(row: V): K;
  write(writer: ByteWriter, row: V): void;
  /** Copies what it keeps: the input's memory may be reused. */
  read(reader: ByteReader): V;
}

/** Told of every change of a row: `undefined` before = inserted, after = removed. */
export interface TableIndex<V> {
  changed(before: V | undefined, after: V | undefined): void;
}

export class Table<K extends string, V> {
  readonly spec: TableSpec<K, V>;
  readonly #indexes: TableIndex<V>[] = [];
  readonly #order = new KeyOrder<K>();
  readonly #base = new Map<K, V>();
  /** Invariant: defined exactly while frozen; `undefined` values are deletions. */
  #overlay: Map<K, V | undefined> | undefined;
  #size = 0;

  constructor(spec: TableSpec<K, V>) {
    this.spec = spec;
  }

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    const overlay = this.#overlay;
    if (overlay?.has(key) === true) return overlay.get(key);
    return this.#base.get(key);
  }

  /** Why a row from a snapshot contradicts the rows before it; undefined = it does not. */
  contradiction(row: V): string | undefined {
    const key = this.spec.keyOf(row);
    return this.get(key) === undefined ? undefined : `two rows of ${this.spec.name} have one key`;
  }

  /** Inserts or replaces the row under its own key. */
  put(row: V): void {
    const key = this.spec.keyOf(row);
    const before = this.get(key);
    if (before === undefined) {
      this.#order.add(key);
      this.#size += 1;
    }
    if (this.#overlay === undefined) this.#base.set(key, row);
    else this.#overlay.set(key, row);
    for (const index of this.#indexes) index.changed(before, row);
  }

  /** The removed row; undefined when there was none. */
  delete(key: K): V | undefined {
    const before = this.get(key);
    if (before === undefined) return undefined;
    this.#order.remove(key);
    this.#size -= 1;
    if (this.#overlay === undefined) this.#base.delete(key);
    else this.#overlay.set(key, undefined);
    for (const index of this.#indexes) index.changed(before, undefined);
    return before;
  }

  /** All rows by ascending key. */
  values(): V[] {
    return this.#rowsOf(this.#order.keys());
  }

  /** Rows whose key begins with `prefix`, by ascending key. */
  withPrefix(prefix: string): V[] {
    const keys = this.#order.keys();
    const from = this.#order.lowerBound(prefix);
    let to = from;
    while (keys[to]?.startsWith(prefix) === true) to += 1;
    return this.#rowsOf(keys.slice(from, to));
  }

  /** From now on `frozenRows` yields the rows of this moment, until `thaw`. */
  freeze(): FrozenRows<V> {
    assert(this.#overlay === undefined, `table ${this.spec.name} is frozen already`);
    this.#overlay = new Map();
    const keys = this.#order.keys();
    const base = this.#base;
    return {
      *rows(): Generator<V> {
        for (const key of keys) {
          const row = base.get(key);
          if (row !== undefined) yield row;
        }
      },
    };
  }

  /** Merges what was written since `freeze`. Frozen rows may not be read any more. */
  thaw(): void {
    const overlay = this.#overlay;
    assert(overlay !== undefined, `table ${this.spec.name} is not frozen`);
    this.#overlay = undefined;
    for (const [key, row] of overlay) {
      if (row === undefined) this.#base.delete(key);
      else this.#base.set(key, row);
    }
  }

  /** Attached before the first row is written; returns the index. */
  protected follow<I extends TableIndex<V>>(index: I): I {
    assert(this.#size === 0, `table ${this.spec.name} has rows already`);
    this.#indexes.push(index);
    return index;
  }

  #rowsOf(keys: readonly K[]): V[] {
    const rows: V[] = [];
    for (const key of keys) {
      const row = this.get(key);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }
}

export interface FrozenRows<V> {
  /** By ascending key. */
  readonly rows: () => Iterable<V>;
}
