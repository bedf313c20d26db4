// Breaks things, one fault after the other, each for a while, several at the same time; and now and then leaves
// everybody in peace for a moment, or nothing would ever get done that the next fault could spoil.
import { between, type Random } from "../../src/base/random.ts";
import { beginFault } from "./faults.ts";
import type { FaultKind } from "./plan.ts";
import { betweenFine, pick, splitRandom } from "./random.ts";
import type { World } from "./world.ts";

const underWayMax = 3;

export class Nemesis {
  readonly #world: World;
  readonly #random: Random;
  readonly #underWay = new Set<() => void>();
  #isStopped = false;
  #isTruce = false;
  readonly counts = new Map<FaultKind, number>();

  constructor(world: World) {
    this.#world = world;
    this.#random = splitRandom(world.plan.seed, "nemesis");
  }

  get total(): number {
    let total = 0;
    for (const count of this.counts.values()) total += count;
    return total;
  }

  start(): void {
    this.#next();
    this.#truceAfter(betweenFine(this.#random, 1500, 6000));
  }

  /** Everything that can be undone is undone; nothing new begins. */
  stop(): void {
    this.#isStopped = true;
    this.#endAll();
  }

  #next(): void {
    const { faultEveryMsMin, faultEveryMsMax } = this.#world.plan;
    const pauseMs = betweenFine(this.#random, faultEveryMsMin, faultEveryMsMax);
    this.#world.schedule.after(pauseMs, undefined, () => {
      if (this.#isStopped) return;
      if (!this.#isTruce && this.#underWay.size < underWayMax) this.#strike();
      this.#next();
    });
  }

  #truceAfter(delayMs: number): void {
    this.#world.schedule.after(delayMs, undefined, () => {
      if (this.#isStopped) return;
      this.#isTruce = !this.#isTruce;
      if (this.#isTruce) this.#endAll();
      const nextMs = this.#isTruce
        ? betweenFine(this.#random, 200, 1500)
        : betweenFine(this.#random, 1500, 6000);
      this.#truceAfter(nextMs);
    });
  }

  #endAll(): void {
    for (const end of [...this.#underWay]) end();
  }

  #strike(): void {
    const world = this.#world;
    const kind = pick(this.#random, world.plan.faults);
    if (kind === undefined) return;
    const fault = beginFault(kind, world, this.#random);
    if (fault === undefined) return;
    world.noteFault(`${kind}: ${fault.what}`);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const { end: undo } = fault;
    if (undo === undefined) return;
    const end = (): void => {
      if (!this.#underWay.delete(end)) return;
      world.noteFault(`over: ${kind}`);
      undo();
    };
    this.#underWay.add(end);
    world.schedule.after(between(this.#random, 20, world.plan.faultMsMax), undefined, end);
  }
}
