// Servers that poll each other, crash, lose the step they were at, come back and are emptied, in any order, with answers
// that were true when they were given and may be old when they are used.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AddressAnswer, formationStep } from "../../../src/registry/formation.ts";
import {
  decodeHelloAnswer,
  encodeHelloAnswer,
  type FormationProposal,
  type HelloAnswer,
} from "../../../src/registry/hello.ts";
import type { ServerProfile } from "../../../src/state/rows.ts";

interface Node {
  profile: ServerProfile;
  readonly list: readonly string[];
  readonly expect: number;
  up: boolean;
  /** Durable. */
  accepted: FormationProposal | undefined;
  /** Durable: the cluster that it is a member of. */
  cluster: string | undefined;
  founding: FormationProposal | undefined;
  /** Answers of a round that is not used yet; lost with the process. */
  gathered: AddressAnswer[] | undefined;
}

type Action =
  /** Bit i of `lost`: the answer of server i does not arrive. */
  | { readonly kind: "ask"; readonly at: number; readonly lost: number }
  | { readonly kind: "act"; readonly at: number; readonly crashes: "no" | "before" | "after" }
  | { readonly kind: "crash"; readonly at: number }
  | { readonly kind: "start"; readonly at: number }
  | { readonly kind: "wipe"; readonly at: number };

class World {
  readonly nodes: Node[];
  /** Every proposal that somebody began to run with. */
  readonly founded: FormationProposal[] = [];
  #ids = 0;

  constructor(lists: readonly (readonly number[])[]) {
    this.nodes = lists.map((list, i) => ({
      profile: this.#profile(i),
      list: list.map(address),
      expect: list.length,
      up: true,
      accepted: undefined,
      cluster: undefined,
      founding: undefined,
      gathered: undefined,
    }));
  }

  run(action: Action): void {
    const node = this.nodes[action.at % this.nodes.length]!;
    if (action.kind === "ask") this.#ask(node, action.lost);
    else if (action.kind === "act") this.#act(node, action.crashes);
    else if (action.kind === "crash") this.#crash(node);
    else if (action.kind === "start") node.up = true;
    else this.#wipe(node, action.at % this.nodes.length);
  }

  /** Everybody up, and rounds until nothing changes any more. */
  settle(): void {
    for (const node of this.nodes) node.up = true;
    for (let round = 0; round < 4 * this.nodes.length; round += 1) {
      for (const node of this.nodes) {
        node.gathered = undefined;
        this.#ask(node, 0);
        this.#act(node, "no");
      }
    }
  }

  clusters(): Set<string> {
    return new Set(this.nodes.flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster])));
  }

  #profile(i: number): ServerProfile {
    this.#ids += 1;
    return {
      serverId: `s${String(i)}`,
      incarnation: `i${String(this.#ids)}`,
      peerAddress: address(i),
      grpcAddress: "",
      httpAddress: "",
      zone: "",
      labels: {},
      capacity: 1,
      version: "0",
    };
  }

  #answer(to: string): HelloAnswer | undefined {
    const node = this.nodes.find(({ profile }) => profile.peerAddress === to);
    if (node?.up !== true) return undefined;
    const { profile, accepted, cluster, founding } = node;
    const answer: HelloAnswer =
      cluster === undefined
        ? { kind: "candidate", profile, proposal: accepted ?? null }
        : {
            kind: "member",
            serverId: profile.serverId,
            incarnation: profile.incarnation,
            clusterId: cluster,
            generation: 1,
            proposal: founding ?? null,
          };
    return decodeHelloAnswer(encodeHelloAnswer(answer));
  }

  #ask(node: Node, lost: number): void {
    if (!node.up || node.cluster !== undefined) return;
    const known = node.accepted?.members.map(({ profile }) => profile.peerAddress) ?? [];
    node.gathered = [...new Set([...node.list, ...known])].map((to) => ({
      address: to,
      answer: (lost >> Number(to[1])) % 2 === 1 ? undefined : this.#answer(to),
    }));
  }

  #act(node: Node, crashes: "no" | "before" | "after"): void {
    const { gathered: answers } = node;
    if (!node.up || answers === undefined || node.cluster !== undefined) return;
    node.gathered = undefined;
    this.#ids += 1;
    const decision = formationStep({
      self: node.profile,
      accepted: node.accepted,
      expect: node.expect,
      answers,
      newClusterId: `c${String(this.#ids)}`,
      nowMs: 1,
    });
    if (crashes === "before") {
      this.#crash(node);
      return;
    }
    if (decision.kind === "accept") node.accepted = decision.proposal;
    if (decision.kind === "found") {
      node.cluster = decision.proposal.clusterId;
      node.founding = decision.proposal;
      this.founded.push(decision.proposal);
    }
    if (decision.kind === "join") node.cluster = decision.clusterId;
    if (crashes === "after") this.#crash(node);
  }

  #crash(node: Node): void {
    node.up = false;
    node.gathered = undefined;
  }

  #wipe(node: Node, at: number): void {
    this.#crash(node);
    node.accepted = undefined;
    node.cluster = undefined;
    node.founding = undefined;
    node.profile = this.#profile(at);
  }
}

function address(i: number): string {
  return `s${String(i)}:7472`;
}

const at = fc.nat(6);
const act = fc.record({
  kind: fc.constant("act" as const),
  at,
  crashes: fc.constantFrom("no" as const, "no" as const, "before" as const, "after" as const),
});
const lost = fc.oneof(fc.constant(0), fc.nat(127));
const ask = fc.record({ kind: fc.constant("ask" as const), at, lost });
const plain = (kind: "crash" | "start" | "wipe"): fc.Arbitrary<Action> =>
  fc.record({ kind: fc.constant(kind), at });
const asking = [ask, ask, act, act, plain("start")];
const actions = (kinds: fc.Arbitrary<Action>[]): fc.Arbitrary<Action[]> =>
  fc.array(fc.oneof(...kinds), { maxLength: 120, size: "max" });

const allOf = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

describe("servers with the same list", () => {
  const same = fc.record({
    size: fc.integer({ min: 1, max: 5 }),
    run: actions([...asking, plain("crash")]),
  });

  test("make one cluster of all of them, whatever the order of questions and crashes", () => {
    fc.assert(
      fc.property(same, ({ size, run }) => {
        const world = new World(allOf(size).map(() => allOf(size)));
        for (const action of run) {
          world.run(action);
          expect(world.clusters().size).toBeLessThanOrEqual(1);
        }
        world.settle();
        expect(world.clusters().size).toBe(1);
        expect(world.nodes.every(({ cluster }) => cluster !== undefined)).toBe(true);
        expect(new Set(world.founded.map((each) => JSON.stringify(each))).size).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  test("never make two, also when directories are emptied in between", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        actions([...asking, plain("crash"), plain("wipe")]),
        (size, run) => {
          const world = new World(allOf(size).map(() => allOf(size)));
          for (const action of run) {
            world.run(action);
            expect(world.clusters().size).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("servers with different lists never share a server between two clusters", () => {
  const lists = fc.integer({ min: 3, max: 4 }).chain((size) =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { minLength: 1 }), {
      minLength: size,
      maxLength: size,
    }),
  );
  fc.assert(
    fc.property(lists, actions([...asking, plain("crash")]), (each, run) => {
      const world = new World(each.map((list, i) => [...new Set([...list, i])]));
      for (const action of run) world.run(action);
      world.settle();
      const seen = new Map<string, string>();
      for (const { clusterId, members } of world.founded) {
        for (const { profile } of members) {
          expect(seen.get(profile.incarnation) ?? clusterId).toBe(clusterId);
          seen.set(profile.incarnation, clusterId);
        }
      }
    }),
    { numRuns: 500 },
  );
});
