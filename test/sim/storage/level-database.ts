// LevelDB as the shipped log store sees it, on a simulated disk. Reads see a write as soon as it is synced, and come from
// memory as long as the write is not in a table.

import type { Batch, Database, Pair, Pin } from "../../../src/storage/level/database.ts";
import type { MemoryDevice } from "../../../src/storage/memory/device.ts";
import type { LevelFiles } from "./level-files.ts";
import type { WalOperation } from "./wal.ts";

export interface LevelDatabaseOptions {
  /** So many bytes in the write-ahead log go into tables. */
  readonly writeBufferBytes: number;
}

export interface LevelDatabaseModules {
  readonly device: MemoryDevice;
  readonly files: LevelFiles;
}

const nameOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");

/** What keys held that have changed since. */
class FrozenPin implements Pin {
  readonly before = new Map<string, Buffer | undefined>();
  readonly #forget: () => void;

  constructor(forget: (pin: FrozenPin) => void) {
    this.#forget = () => forget(this);
  }

  close(): Promise<void> {
    this.#forget();
    return Promise.resolve();
  }
}

export class LevelDatabase implements Database {
  readonly #options: LevelDatabaseOptions;
  readonly #device: MemoryDevice;
  readonly #files: LevelFiles;
  readonly #recent = new Map<string, Buffer | undefined>();
  readonly #pins = new Set<FrozenPin>();
  #isSound = false;
  #underWay: readonly WalOperation[] | undefined;

  constructor(options: LevelDatabaseOptions, modules: LevelDatabaseModules) {
    this.#options = options;
    this.#device = modules.device;
    this.#files = modules.files;
  }

  /** A write that has begun and was not synced: it failed, or the process died first. */
  get underWay(): readonly WalOperation[] | undefined {
    return this.#underWay;
  }

  /** Reads of `read` see the disk as if nothing had ever damaged it. */
  sound<T>(read: () => T): T {
    const before = this.#isSound;
    this.#isSound = true;
    try {
      return read();
    } finally {
      this.#isSound = before;
    }
  }

  /** What is in memory goes into tables, as LevelDB does whenever it likes. */
  flush(): void {
    this.#files.flush();
    this.#recent.clear();
  }

  batch(): Batch {
    const held: WalOperation[] = [];
    return {
      put: (key, value) => void held.push({ key: Buffer.from(key), value: Buffer.from(value) }),
      del: (key) => void held.push({ key: Buffer.from(key), value: undefined }),
      commit: () => this.#commit(held),
    };
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#read(nameOf(key)));
  }

  getSync(key: Uint8Array, pin: Pin | undefined): Uint8Array | undefined {
    const name = nameOf(key);
    if (pin instanceof FrozenPin && pin.before.has(name)) return pin.before.get(name);
    return this.#read(name);
  }

  pin(): Pin {
    const pin = new FrozenPin((closed) => this.#pins.delete(closed));
    this.#pins.add(pin);
    return pin;
  }

  /** Pairs of [from, to) in order, at once. */
  range(from: Uint8Array, to: Uint8Array): Pair[] {
    const [first, end] = [nameOf(from), nameOf(to)];
    const names = new Set([...this.#files.names(), ...this.#recent.keys()]);
    const inside = [...names].filter((name) => name >= first && name < end);
    inside.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return inside.flatMap((name) => {
      const value = this.#read(name);
      return value === undefined ? [] : [[Buffer.from(name, "latin1"), value] as const];
    });
  }

  async *pages(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly Pair[]> {
    yield await Promise.resolve(this.range(from, to));
  }

  async *keyPages(from: Uint8Array, to: Uint8Array): AsyncGenerator<readonly Uint8Array[]> {
    yield await Promise.resolve(this.range(from, to).map(([key]) => key));
  }

  approximateBytes(): Promise<number> {
    return Promise.resolve(0);
  }

  compact(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #read(name: string): Buffer | undefined {
    if (this.#recent.has(name)) return this.#recent.get(name);
    return this.#files.table(name, this.#isSound);
  }

  async #commit(operations: readonly WalOperation[]): Promise<void> {
    let bytes = 0;
    for (const { key, value } of operations) bytes += key.length + (value?.length ?? 0);
    this.#underWay = operations;
    await this.#device.write(bytes, () => {
      this.#underWay = undefined;
      this.#synced(operations);
    });
  }

  #synced(operations: readonly WalOperation[]): void {
    for (const { key, value } of operations) {
      const name = nameOf(key);
      for (const { before } of this.#pins) {
        if (!before.has(name)) before.set(name, this.#read(name));
      }
      this.#recent.set(name, value);
    }
    this.#files.append(operations);
    if (this.#files.walBytes > this.#options.writeBufferBytes) this.flush();
  }
}
