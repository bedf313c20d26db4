// When surplus may be moved. A healthy job is stopped for it, so it waits until things have been quiet for a while: no
// server came or went, and no job did. But where jobs come and go all the time there is never such a while, and a server
// that was added for relief must not stay empty for that; so jobs put it off for a bounded time only.

/** A surplus waits for quiet among the jobs at most this many holds; the servers must be quiet in any case. */
const busyHoldsMax = 10;

export interface Scene {
  /** Whom jobs may go to, as text: any other text is a change. */
  readonly servers: string;
  /** Jobs that are to run, and their slots in all: a change that alters neither is not worth a wait. */
  readonly jobs: number;
  readonly slots: number;
}

export class QuietTime {
  readonly #holdMs: number;
  #scene: Scene = { servers: "", jobs: 0, slots: 0 };
  #serversSinceMs = 0;
  #jobsSinceMs = 0;
  #surplusSinceMs: number | undefined;

  constructor(options: { readonly holdMs: number }) {
    this.#holdMs = options.holdMs;
  }

  /** A new leader knows nothing of what was before. */
  begin(nowMs: number): void {
    this.#scene = { servers: "", jobs: 0, slots: 0 };
    this.#serversSinceMs = nowMs;
    this.#jobsSinceMs = nowMs;
    this.#surplusSinceMs = undefined;
  }

  notice(scene: Scene, nowMs: number): void {
    const { servers, jobs, slots } = this.#scene;
    if (scene.servers !== servers) this.#serversSinceMs = nowMs;
    if (scene.jobs !== jobs || scene.slots !== slots) this.#jobsSinceMs = nowMs;
    this.#scene = scene;
  }

  /** How long the surplus that was found now has to wait still, in milliseconds; 0 = move it. */
  waitMs(nowMs: number): number {
    this.#surplusSinceMs ??= nowMs;
    const serversMs = this.#serversSinceMs + this.#holdMs - nowMs;
    const jobsMs = this.#jobsSinceMs + this.#holdMs - nowMs;
    const busyMs = this.#surplusSinceMs + busyHoldsMax * this.#holdMs - nowMs;
    return Math.max(0, serversMs, Math.min(jobsMs, busyMs));
  }

  balanced(): void {
    this.#surplusSinceMs = undefined;
  }
}
