// Wakes those who wait for a change. It remembers per topic only the revision of its last change, in two
// generations: when the younger one is full, the older one is forgotten and its newest revision becomes the
// `floor`, at which every topic that is not remembered counts as changed. So a waiter may be woken for nothing
// (it looks at the state anyway) and is never left asleep. (One map in order of change would need a delete and
// an insert per topic and entry: measured, a fifth of a busy server's time.)
//
// Topics are published once per batch of applied entries, with the batch's last revision: nobody can have seen
// the state in the middle of a batch.
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noIndex, type Revision } from "../base/numbers.ts";
import type { Topic } from "../state/result.ts";
import type { WatchHub } from "./contract.ts";
import { replicaErrors } from "./errors.ts";

export interface WatchHubOptions {
  readonly watchersMax: number;
  readonly watchTopicsMax: number;
}

export interface WatchHubModules {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Watcher {
  readonly topics: readonly Topic[];
  readonly wake: (revision: Revision) => void;
}

interface Wait {
  readonly resolve: (revision: Revision) => void;
  readonly reject: (error: Error) => void;
}

const noWatchers: ReadonlySet<Watcher> = new Set();

/** Calls `visit` with the topic and with every prefix of it that ends in `/`. */
function eachKey(topic: Topic, visit: (key: Topic) => void): void {
  for (let at = topic.indexOf("/"); at >= 0; at = topic.indexOf("/", at + 1)) {
    if (at + 1 < topic.length) visit(topic.slice(0, at + 1));
  }
  visit(topic);
}

export class TopicWatchHub implements WatchHub {
  readonly #options: WatchHubOptions;
  readonly #modules: WatchHubModules;
  /** Last change by topic; a topic in both has its newer one in `young`. */
  #young = new Map<Topic, Revision>();
  #old = new Map<Topic, Revision>();
  /** The newest revision in `old`. */
  #oldRevision: Revision = noIndex;
  readonly #watchers = new Map<Topic, Set<Watcher>>();
  readonly #waits = new Set<Wait>();
  #floor: Revision = noIndex;
  #revision: Revision = noIndex;
  #closed = false;

  constructor(options: WatchHubOptions, modules: WatchHubModules) {
    this.#options = options;
    this.#modules = modules;
  }

  wait(topics: readonly Topic[], since: Revision, timeoutMs: number): Promise<Revision> {
    if (this.#closed) return Promise.reject(replicaErrors.STOPPED("the server is stopping"));
    if (this.#lastChange(topics) > since) return Promise.resolve(this.#revision);
    if (this.#waits.size >= this.#options.watchersMax) {
      const limit = this.#options.watchersMax;
      return Promise.reject(
        replicaErrors.EXHAUSTED("too many watchers", {
          fields: { limit: "watchersMax", max: limit },
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        cancelTimeout();
        this.#remove(watcher);
        this.#waits.delete(wait);
      };
      const wait: Wait = {
        resolve: (revision) => {
          settle();
          resolve(revision);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const watcher: Watcher = { topics, wake: wait.resolve };
      const cancelTimeout = this.#modules.clock.after(timeoutMs, () =>
        wait.resolve(this.#revision),
      );
      this.#waits.add(wait);
      this.#add(watcher);
    });
  }

  subscribe(topics: readonly Topic[], listener: (revision: Revision) => void): () => void {
    const watcher: Watcher = { topics, wake: listener };
    this.#add(watcher);
    return () => this.#remove(watcher);
  }

  /** `topics` changed in the entries up to `revision`. */
  publish(topics: Iterable<Topic>, revision: Revision): void {
    this.#revision = revision;
    const woken = new Set<Watcher>();
    for (const topic of topics) {
      eachKey(topic, (key) => {
        this.#young.set(key, revision);
        for (const watcher of this.#watchers.get(key) ?? noWatchers) woken.add(watcher);
      });
    }
    if (this.#young.size >= this.#options.watchTopicsMax / 2) this.#rotate();
    this.#wake(woken);
  }

  /** The state was replaced by a snapshot: everything may have changed. */
  reset(revision: Revision): void {
    this.#revision = revision;
    this.#floor = revision;
    this.#young.clear();
    this.#old.clear();
    const woken = new Set<Watcher>();
    for (const watchers of this.#watchers.values()) for (const each of watchers) woken.add(each);
    this.#wake(woken);
  }

  close(): void {
    this.#closed = true;
    for (const wait of [...this.#waits])
      wait.reject(replicaErrors.STOPPED("the server is stopping"));
    this.#watchers.clear();
  }

  get waiting(): number {
    return this.#waits.size;
  }

  #lastChange(topics: readonly Topic[]): Revision {
    let last = this.#floor;
    for (const topic of topics) {
      const revision = this.#young.get(topic) ?? this.#old.get(topic);
      if (revision !== undefined && revision > last) last = revision;
    }
    return last;
  }

  #rotate(): void {
    this.#floor = this.#oldRevision > this.#floor ? this.#oldRevision : this.#floor;
    this.#old = this.#young;
    this.#oldRevision = this.#revision;
    this.#young = new Map();
  }

  #wake(watchers: ReadonlySet<Watcher>): void {
    for (const watcher of watchers) {
      try {
        watcher.wake(this.#revision);
      } catch (thrown) {
        this.#modules.logger.error({ error: messageOf(thrown) }, "a watch listener failed");
      }
    }
  }

  #add(watcher: Watcher): void {
    for (const topic of watcher.topics) {
      const known = this.#watchers.get(topic);
      if (known === undefined) this.#watchers.set(topic, new Set([watcher]));
      else known.add(watcher);
    }
  }

  #remove(watcher: Watcher): void {
    for (const topic of watcher.topics) {
      const known = this.#watchers.get(topic);
      known?.delete(watcher);
      if (known?.size === 0) this.#watchers.delete(topic);
    }
  }
}
