// The second phase (TigerBeetle's liveness mode): a random set of servers that can decide everything, whatever
// membership change is under way, is healed and fully connected. Everything outside stays broken. The core must
// elect, commit new writes through every one of its servers, and come to the same state within a bound.
import { between, type Random } from "../../src/base/random.ts";
import { propose } from "./churn.ts";
import { ask, readKey } from "./client.ts";
import { canDecide, possibleMemberships } from "./memberships.ts";
import { calm } from "./network.ts";
import { codeOf } from "./outcome.ts";
import { chance, pick, shuffled, splitRandom } from "./random.ts";
import type { SimServer } from "./server.ts";
import type { World } from "./world.ts";

const pollMs = 5;
const promotionMsMax = 500;

/** `unwanted` = stays outside if the others can do without it. */
function chooseCore(world: World, random: Random, unwanted: SimServer | undefined): SimServer[] {
  const memberships = possibleMemberships(world);
  let core = world.servers.filter((each) => !each.isRetired);
  const others = core.filter((each) => each !== unwanted);
  if (canDecide(others, memberships)) core = others;
  for (const candidate of shuffled(random, core)) {
    const smaller = core.filter((each) => each !== candidate);
    if (chance(random, 600_000) && canDecide(smaller, memberships)) core = smaller;
  }
  return core;
}

/**
 * Outsiders stay cut off, one way or both, dead or alive; or they are in touch, and their disk hangs for good. Gives
 * those in touch.
 */
function shutOut(world: World, core: readonly SimServer[], random: Random): SimServer[] {
  const inTouch: SimServer[] = [];
  for (const outsider of world.servers.filter((each) => !core.includes(each))) {
    const dice = between(random, 0, outsider.isUp ? 4 : 3);
    outsider.note(
      `stays outside (${["dead", "cut off", "heard by nobody", "its disk hangs"][dice]})`,
    );
    if (dice === 3) {
      outsider.resume();
      outsider.disk.stall();
      inTouch.push(outsider);
      continue;
    }
    if (dice === 0) {
      outsider.crash("lost", true);
      outsider.isRetired = true;
    }
    for (const { address } of core) {
      world.network.cut(outsider.address, address);
      if (dice !== 2) world.network.cut(address, outsider.address);
    }
  }
  return inTouch;
}

export class Liveness {
  readonly #world: World;
  readonly #random: Random;
  readonly #given: readonly SimServer[] | undefined;
  #core: readonly SimServer[] = [];
  /** Outside, and not cut off. */
  #inTouch: readonly SimServer[] = [];
  #startedMs = 0;
  #doing = "elect a leader";

  /** `core` = who must be in order in the end; undefined = it is drawn. */
  constructor(world: World, core?: readonly SimServer[]) {
    this.#world = world;
    this.#given = core;
    this.#random = splitRandom(world.plan.seed, "liveness");
  }

  /** Throws BrokenPromise, also when the bound is exceeded. Gives the virtual time it took. */
  async run(): Promise<number> {
    const world = this.#world;
    this.#core = this.#given ?? (await this.#chooseCore());
    this.#startedMs = world.schedule.nowMs;
    const names = this.#core.map(({ name }) => name).join(",");
    world.noteFault(`the core ${names} is healed`);
    world.network.weather = calm;
    this.#handOverInVain();
    this.#inTouch = shutOut(world, this.#core, this.#random);
    for (const server of this.#core) {
      if (server.process.isPaused) server.resume();
      server.disk.heal();
      server.mend();
      if (!server.isUp) server.start();
    }
    let isDone = false;
    void this.#use().then(() => {
      isDone = true;
    });
    const reached = await world.until(() => isDone, this.#startedMs + world.plan.livenessMsMax);
    if (!reached) {
      const detail = `the core ${names} could not ${this.#doing} within ${world.plan.livenessMsMax} ms: ${this.#states()}`;
      world.report({ checker: "liveness", detail });
    }
    await world.run(0);
    return world.schedule.nowMs - this.#startedMs;
  }

  async #chooseCore(): Promise<readonly SimServer[]> {
    const unwanted = chance(this.#random, 300_000) ? await this.#promoteUnseen() : undefined;
    return chooseCore(this.#world, this.#random, unwanted);
  }

  /**
   * A learner is promoted and does not know it when the leader disappears: the others may need its vote
   * (etcd #10998). Gives the leader, if that is how it came.
   */
  async #promoteUnseen(): Promise<SimServer | undefined> {
    const world = this.#world;
    const leader = world.leader();
    const membership = leader?.replica?.state.membership;
    const peer = pick(this.#random, membership?.learners ?? []);
    const learner = world.servers[(peer ?? 0) - 1];
    if (leader === undefined || peer === undefined || learner?.isUp !== true) return undefined;
    const knows = (server: SimServer): boolean =>
      server.replica?.state.membership.voters.includes(peer) === true;
    const informed = world
      .up()
      .filter((each) => membership?.voters.includes(each.peer) === true && each !== learner);
    world.noteFault(`${leader.name} promotes ${learner.name}, which hears nothing of it`);
    const others = world.servers.filter((each) => each !== learner);
    for (const { address } of others) world.network.cut(address, learner.address);
    propose(leader, { steps: [{ kind: "add-voter", peer }] });
    const isDone = await world.until(
      () => informed.every(knows),
      world.schedule.nowMs + promotionMsMax,
    );
    for (const { address } of others) world.network.mend(address, learner.address);
    return isDone && !knows(learner) ? leader : undefined;
  }

  /** Whoever leads may be handing over to a server that will not be there. */
  #handOverInVain(): void {
    const leader = this.#leader();
    const outsiders = leader?.replica?.state.membership.voters.filter(
      (peer) => !this.#core.some((each) => each.peer === peer),
    );
    const to = pick(this.#random, outsiders ?? []);
    if (leader === undefined || to === undefined || !chance(this.#random, 300_000)) return;
    leader.enter((replica) => {
      replica.transferLeadership(to, 400).catch((thrown: unknown) => {
        leader.note(`handing over in vain ended: ${codeOf(thrown)}`);
      });
    });
  }

  async #use(): Promise<void> {
    await this.#level(() => this.#leader() !== undefined || this.#isLedFromOutside());
    const first = pick(this.#random, this.#core);
    // A new leader must become able to serve reads by itself, also when nobody writes.
    this.#doing = `read through ${first?.name} before a write`;
    if (first !== undefined) await this.#read(first, "k0");
    for (const server of this.#core) {
      this.#doing = `write through ${server.name}`;
      await this.#write(server);
    }
    this.#doing = "lead itself";
    await this.#level(() => this.#leader() !== undefined);
    this.#doing = "come to the same state";
    await this.#level(() => this.#hasConverged());
    for (const server of this.#core) this.#world.observer.compareState(server);
    this.#doing = "have the same chunks";
    await this.#level(() => this.#sharesChunks());
    for (const server of this.#core) {
      this.#doing = `read through ${server.name}`;
      await this.#readAll(server);
    }
  }

  async #level(reached: () => boolean): Promise<void> {
    while (!reached()) await this.#pause();
  }

  /** A refusal may come at once: time must pass before the next attempt. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#world.schedule.after(pollMs, undefined, resolve);
    });
  }

  #leader(): SimServer | undefined {
    const leader = this.#world.leader();
    return leader !== undefined && this.#core.includes(leader) ? leader : undefined;
  }

  /** A disk that hangs is not noticed before there is something to write. */
  #isLedFromOutside(): boolean {
    const leader = this.#world.leader();
    return leader !== undefined && this.#inTouch.includes(leader);
  }

  /** Whom the membership in force does not name has no way to a leader. */
  #isMember(server: SimServer): boolean {
    const membership = this.#leader()?.replica?.state.membership;
    if (membership === undefined) return true;
    const { voters, learners, votersOutgoing } = membership;
    return [...voters, ...learners, ...votersOutgoing].includes(server.peer);
  }

  async #write(server: SimServer): Promise<void> {
    const client = `core ${server.name}`;
    const key = "k0";
    const value = new TextEncoder().encode(client);
    const command = { kind: "kv-put", key, value, condition: { kind: "none" } } as const;
    while (this.#isMember(server)) {
      const call = this.#world.history.called({
        client,
        key,
        input: { kind: "put", value: client, condition: { kind: "none" } },
      });
      const answer = await ask(this.#world, server, {
        patienceMs: 2000,
        run: (replica) => replica.submit(command, { actor: client, deadlineMs: 1000 }),
      });
      if (answer.kind === "answer" && answer.value.detail.kind === "kv") {
        const { revision, detail } = answer.value;
        call.answered({ kind: "put", revision, version: detail.version });
        return;
      }
      if (answer.kind === "nothing-done") call.hadNoEffect();
      await this.#pause();
    }
  }

  async #readAll(server: SimServer): Promise<void> {
    for (let number = 0; number < this.#world.plan.keys; number += 1) {
      await this.#read(server, `k${number}`);
    }
  }

  async #read(server: SimServer, key: string): Promise<void> {
    const world = this.#world;
    while (this.#isMember(server)) {
      const call = world.history.called({ client: server.name, key, input: { kind: "get" } });
      const output = await readKey(world, server, key);
      if (output !== undefined) {
        call.answered(output);
        return;
      }
      call.hadNoEffect();
      await this.#pause();
    }
  }

  #hasConverged(): boolean {
    const leader = this.#leader()?.replica?.view();
    if (leader === undefined || leader.applied < leader.lastIndex) return false;
    return this.#core
      .filter((server) => this.#isMember(server))
      .every((server) => server.replica?.view()?.applied === leader.applied);
  }

  /** What one member of the core has soundly of the live chunks, all of them come to have. */
  #sharesChunks(): boolean {
    const members = this.#core.filter((server) => this.#isMember(server));
    const live = members[0]?.replica?.state.liveDigests() ?? [];
    return live
      .filter((digest) => members.some((each) => this.#world.chunkRot.isSoundOn(digest, each)))
      .every((digest) => members.every((each) => each.data.chunks.has(digest)));
  }

  #states(): string {
    return this.#core
      .map((server) => {
        const view = server.replica?.view();
        if (view === undefined) return `${server.name} down`;
        const { role, term, commit, applied, lastIndex } = view;
        return `${server.name} ${role} t${term} a${applied} c${commit} l${lastIndex}`;
      })
      .join("; ");
  }
}
