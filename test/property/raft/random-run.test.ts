// Whole clusters under loss, duplication, reordering, crashes, partitions, snapshots and membership changes,
// driven by a seed. After every step the promises of Raft are checked; in the end everything heals and the
// cluster must make progress. A failing seed is named in the message: run it alone to repeat it.
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/bytes.ts";
import { QuorateError } from "../../../src/base/errors.ts";
import { type Index, noIndex, plus } from "../../../src/base/numbers.ts";
import { between, type Random, seededRandom } from "../../../src/base/random.ts";
import type { Entry } from "../../../src/raft/types.ts";
import { change, Network, type Server } from "../../unit/raft/network.ts";

interface Facts {
  /** What was committed at an index, seen anywhere: it may never change. */
  readonly committed: Map<Index, string>;
  /** Terms and who led them. */
  readonly leaders: Map<number, number>;
  /** Per server: term and commit never go back, except by a crash, and then the term not below the durable one. */
  readonly marks: Map<number, { readonly term: number; readonly commit: number }>;
}

class Run {
  readonly network: Network;
  readonly #random: Random;
  readonly #facts: Facts = { committed: new Map(), leaders: new Map(), marks: new Map() };
  readonly #servers: readonly Server[];
  /** Number of servers that may be in the membership. */
  readonly #size: number;
  proposals = 0;
  membershipChanges = 0;
  snapshots = 0;
  crashes = 0;

  /** `graded`: the servers have different election priorities. */
  constructor(seed: number, size: number, graded = false) {
    this.#random = seededRandom(seed);
    this.#size = size;
    const voters = size === 3 ? [1, 2, 3] : [1, 2, 3, 4];
    this.network = new Network({
      voters,
      strangers: size === 3 ? [] : [5],
      seed,
      trace: false,
      configOf: (number) => (graded ? { electionPriority: (number + seed) % 4 } : {}),
      config: {
        preVote: seed % 3 !== 0,
        checkQuorum: seed % 4 !== 0,
        coalesceAppends: seed % 2 === 0,
        maxInflightMessages: 3,
        maxMessageBytes: 60,
        maxInflightBytes: 150,
        applyBatchBytesMax: 60,
      },
    });
    this.#servers = [...this.network.servers.values()];
    for (const server of this.#servers) {
      server.onCommitted = (entry) => {
        this.checkCommitted(entry);
      };
    }
  }

  steps(count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.#act(between(this.#random, 0, 1000));
      this.check();
    }
  }

  #pick(): Server {
    const server = this.#servers[between(this.#random, 0, this.#servers.length)];
    if (server === undefined) throw new Error("no servers");
    return server;
  }

  #act(dice: number): void {
    const server = this.#pick();
    if (dice < 560) this.#deliver();
    else if (dice < 640) server.core.tick();
    else if (dice < 790) server.persist();
    else if (dice < 880) server.apply();
    else if (dice < 950) this.#propose();
    else if (dice < 954) this.#crash(server);
    else if (dice < 957) this.network.isolate(server.id);
    else if (dice < 964) this.network.heal();
    else if (dice < 974) this.#compact(server);
    else if (dice < 984) this.#changeMembership();
    else if (dice < 988) server.core.leaderLostHint(between(this.#random, 0, 3));
    else if (dice < 992) this.#transfer();
    else server.core.readIndex(dice);
    for (const each of this.#servers) this.network.pump(each.id);
  }

  /** One message, not necessarily the oldest; it may be lost, or stay to come again. */
  #deliver(): void {
    const { messages } = this.network;
    if (messages.length === 0) return;
    const at = between(this.#random, 0, Math.min(messages.length, 8));
    const [message] = messages.splice(at, 1);
    if (message === undefined || this.network.isCut(message)) return;
    const fate = between(this.#random, 0, 20);
    if (fate === 0) return;
    if (fate === 1) messages.push(message);
    this.network.deliver(message);
  }

  #leader(): Server | undefined {
    const leaders = this.#servers.filter((server) => server.role === "leader");
    return leaders[between(this.#random, 0, Math.max(1, leaders.length))];
  }

  #propose(): void {
    const server = this.#leader();
    if (server === undefined || server.core.status().transferee !== 0) return;
    this.proposals += 1;
    this.network.propose(server.id, `p${String(this.proposals)}`);
  }

  #crash(server: Server): void {
    this.crashes += 1;
    server.restart();
    const { term } = server.log.initialHardState();
    this.#facts.marks.set(server.id, { term, commit: 0 });
  }

  #compact(server: Server): void {
    this.snapshots += 1;
    server.compact();
  }

  #changeMembership(): void {
    const server = this.#leader();
    if (server === undefined) return;
    const peer = between(this.#random, 1, this.#size + 1);
    const { membership } = server.core.status();
    const kinds = ["add-voter", "add-learner", "remove"] as const;
    const kind = kinds[between(this.#random, 0, 3)] ?? "add-voter";
    const leave = membership.votersOutgoing.length > 0;
    const transition = between(this.#random, 0, 2) === 0 ? "auto" : "joint-explicit";
    // Never fewer than two voters: a cluster of one that crashed in between would be a test of patience.
    if (kind !== "add-voter" && membership.voters.length <= 2) return;
    try {
      server.core.proposeMembership(leave ? change([]) : change([[kind, peer]], transition));
      this.membershipChanges += 1;
    } catch (thrown) {
      if (!(thrown instanceof QuorateError)) throw thrown;
    }
  }

  #transfer(): void {
    const server = this.#leader();
    if (server === undefined) return;
    const { voters } = server.core.status().membership;
    const to = voters[between(this.#random, 0, voters.length)];
    if (to !== undefined) server.core.transferLeadership(to);
  }

  check(): void {
    const broken = this.network.violations();
    if (broken.length > 0) throw new Error(broken.join("; "));
    for (const server of this.#servers) {
      const { role, term, commit } = server.core.status();
      if (role === "leader") {
        const leader = this.#facts.leaders.get(term) ?? server.id;
        if (leader !== server.id) throw new Error(`two leaders in term ${String(term)}`);
        this.#facts.leaders.set(term, leader);
      }
      const before = this.#facts.marks.get(server.id) ?? { term: 0, commit: 0 };
      if (term < before.term || commit < before.commit) throw new Error("term or commit went back");
      this.#facts.marks.set(server.id, { term, commit });
    }
  }

  checkCommitted(entry: Entry): void {
    const now = `${String(entry.term)} ${entry.type} ${toHex(entry.data)}`;
    const before = this.#facts.committed.get(entry.index) ?? now;
    if (before !== now) throw new Error(`committed entry ${String(entry.index)} changed`);
    this.#facts.committed.set(entry.index, now);
  }

  /** Nothing fails any more: a leader must come, and what it accepts must arrive everywhere. */
  recover(): void {
    this.network.heal();
    this.network.observe = () => {
      this.check();
    };
    for (let i = 0; i < 200; i += 1) {
      this.network.tick(5);
      const leader = this.#servers.find((server) => server.role === "leader");
      if (leader === undefined || leader.core.status().transferee !== 0) continue;
      const index = this.network.propose(leader.id, "last");
      this.network.tick(10);
      if (leader.copy.applied >= index && this.#agree(leader)) return;
    }
    throw new Error("no progress after everything healed");
  }

  #agree(leader: Server): boolean {
    const { voters, learners } = leader.core.status().membership;
    return [...voters, ...learners].every((id) => {
      const { copy } = this.network.server(id);
      return copy.commands.join() === leader.copy.commands.join() && copy.applied > noIndex;
    });
  }

  digest(): string {
    return JSON.stringify([
      [...this.#facts.committed],
      [...this.#facts.leaders],
      this.#servers.map((server) => server.core.status()),
    ]);
  }
}

function run(seed: number, size: number, graded = false): Run {
  const made = new Run(seed, size, graded);
  try {
    made.steps(1200);
    made.recover();
  } catch (cause) {
    throw new Error(`seed ${String(seed)}, ${String(size)} servers`, { cause });
  }
  return made;
}

describe("random runs", () => {
  for (const size of [3, 5]) {
    test(`${String(size)} servers, 60 seeds`, { timeout: 60_000 }, () => {
      const total = { proposals: 0, membershipChanges: 0, snapshots: 0, crashes: 0 };
      for (let seed = 1; seed <= 60; seed += 1) {
        const { proposals, membershipChanges, snapshots, crashes } = run(seed, size);
        total.proposals += proposals;
        total.membershipChanges += membershipChanges;
        total.snapshots += snapshots;
        total.crashes += crashes;
      }
      // The runs are worth something only if all of it happens.
      for (const count of Object.values(total)) expect(count).toBeGreaterThan(60);
    });
  }

  test("with different election priorities, 20 seeds of each size: nothing breaks, and the cluster recovers", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      for (const size of [3, 5]) {
        expect(run(seed, size, true).digest()).not.toBe("");
      }
    }
    const differ = [1, 2, 3, 4, 5, 6].filter(
      (seed) => run(seed, 5, true).digest() !== run(seed, 5).digest(),
    );
    expect(differ.length).toBeGreaterThan(1);
  });

  test("the same seed gives the same run", () => {
    expect(run(7, 5).digest()).toBe(run(7, 5).digest());
    expect(run(7, 5).digest()).not.toBe(run(8, 5).digest());
  });

  test("the checks of a run can fail", () => {
    const made = new Run(1, 3);
    made.recover();
    const leader = made.network.leader();
    const [forged] = leader.entries();
    if (forged === undefined) throw new Error("an entry expected");
    expect(() => {
      leader.onCommitted({ ...forged, term: plus(forged.term, 99) });
    }).toThrow("changed");
  });
});
