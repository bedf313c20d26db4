import { describe, expect, test } from "vitest";
import {
  type AddressAnswer,
  type FormationDecision,
  formationStep,
} from "../../../src/registry/formation.ts";
import type { FormationProposal, HelloAnswer } from "../../../src/registry/hello.ts";
import type { ServerProfile } from "../../../src/state/rows.ts";

function profile(id: string, incarnation = `${id}0`): ServerProfile {
  return {
    serverId: id,
    incarnation,
    peerAddress: `${id}:7472`,
    grpcAddress: "",
    httpAddress: "",
    zone: "",
    labels: {},
    capacity: 1,
    version: "0",
  };
}

const candidate = (id: string, proposal: FormationProposal | null = null): AddressAnswer => ({
  address: `${id}:7472`,
  answer: { kind: "candidate", profile: profile(id), proposal },
});

function member(
  id: string,
  clusterId: string,
  proposal: FormationProposal | null = null,
): AddressAnswer {
  const incarnation = `${id}0`;
  const answer: HelloAnswer = {
    kind: "member",
    serverId: id,
    incarnation,
    clusterId,
    generation: 1,
    proposal,
  };
  return { address: `${id}:7472`, answer };
}

const quarantined = (id: string): AddressAnswer => ({
  address: `${id}:7472`,
  answer: { kind: "quarantined", serverId: id, clusterId: "old", why: "a damaged log" },
});

const silent = (id: string): AddressAnswer => ({ address: `${id}:7472`, answer: undefined });

interface Asked {
  readonly self?: string;
  readonly expect?: number;
  readonly accepted?: FormationProposal;
}

function step(answers: readonly AddressAnswer[], asked: Asked = {}): FormationDecision {
  return formationStep({
    self: profile(asked.self ?? "a"),
    accepted: asked.accepted,
    expect: asked.expect ?? 3,
    answers,
    newClusterId: "new",
    nowMs: 12.5,
  });
}

function proposed(...ids: readonly string[]): FormationProposal {
  const members = ids.map((id, i) => ({ peerId: i + 1, profile: profile(id) }));
  return { clusterId: "new", atMs: 12, members };
}

function missing(decision: FormationDecision): string {
  expect(decision.kind).toBe("wait");
  return decision.kind === "wait" ? decision.missing.join("; ") : "";
}

function refusal(decision: FormationDecision): { readonly code: string; readonly message: string } {
  expect(decision.kind).toBe("refuse");
  return decision.kind === "refuse" ? decision.error : { code: "", message: "" };
}

const empty = [candidate("a"), candidate("b"), candidate("c")];

describe("three empty servers with the same list", () => {
  test("the lowest id proposes all of them, with peer ids by id and a whole time", () => {
    const shuffled = [candidate("c"), candidate("a"), candidate("b")];
    expect(step(shuffled)).toEqual({ kind: "accept", proposal: proposed("a", "b", "c") });
  });

  test("the others wait for its proposal", () => {
    expect(missing(step(empty, { self: "b" }))).toContain("the proposal of a");
  });

  test("whoever is named by a proposal accepts it", () => {
    const proposal = proposed("a", "b", "c");
    const answers = [candidate("a", proposal), candidate("b"), candidate("c")];
    expect(step(answers, { self: "c" })).toEqual({ kind: "accept", proposal });
  });

  test("nobody starts before all have accepted, and says who has not", () => {
    const accepted = proposed("a", "b", "c");
    const answers = [candidate("a", accepted), candidate("b", accepted), candidate("c")];
    expect(missing(step(answers, { accepted }))).toBe("c at c:7472 has not accepted yet");
    const all = [candidate("a", accepted), candidate("b", accepted), candidate("c", accepted)];
    expect(step(all, { accepted })).toEqual({ kind: "found", proposal: accepted });
  });

  test("a founder that runs already is proof enough", () => {
    const accepted = proposed("a", "b", "c");
    const answers = [candidate("a", accepted), member("b", "new", accepted), silent("c")];
    expect(step(answers, { accepted }).kind).toBe("found");
  });
});

describe("what blocks formation", () => {
  test("a silent address, by name", () => {
    const lost = missing(step([candidate("a"), candidate("b"), quarantined("c")]));
    expect(lost).toContain("c:7472 belongs to cluster old, and waits in quarantine: a damaged log");
    const text = missing(step([candidate("a"), candidate("b"), silent("c")]));
    expect(text).toContain("c:7472 does not answer");
    expect(text).toContain("2 of 3");
  });

  test("a silent address also when enough others answer", () => {
    const six = ["a", "b", "c"].map((id) => candidate(id));
    const answers = [...six, silent("d"), silent("e"), silent("f")];
    expect(missing(step(answers))).toContain("d:7472 does not answer");
  });

  test("more empty servers than expected", () => {
    const { code, message } = refusal(step([...empty, candidate("d")]));
    expect(code).toBe("QUORATE_REGISTRY_FORMATION_CONFLICT");
    expect(message).toContain("4 empty servers answer, --expect says 3");
  });

  test("two servers with one id", () => {
    const twin: AddressAnswer = {
      address: "other:7472",
      answer: { kind: "candidate", profile: profile("a", "other"), proposal: null },
    };
    const { message } = refusal(step([candidate("a"), candidate("b"), twin]));
    expect(message).toContain("two servers are called a");
  });

  test("a proposal that does not name this server", () => {
    const foreign = proposed("b", "c", "d");
    const { code, message } = refusal(step([candidate("a"), candidate("b", foreign), silent("c")]));
    expect(code).toBe("QUORATE_REGISTRY_FORMATION_CONFLICT");
    expect(message).toContain("b, c, d");
  });

  test("a member that is bound to another proposal for good", () => {
    const accepted = proposed("a", "b", "c");
    const other = { ...accepted, clusterId: "other" };
    const { code, message } = refusal(
      step([candidate("a", accepted), candidate("b", other), silent("c")], { accepted }),
    );
    expect(code).toBe("QUORATE_REGISTRY_FORMATION_CONFLICT");
    expect(message).toContain("b:7472 has accepted another proposal");
  });

  test("a member that joined another cluster meanwhile", () => {
    const accepted = proposed("a", "b");
    const { message } = refusal(
      step([candidate("a", accepted), member("b", "else")], { accepted }),
    );
    expect(message).toContain("belongs to cluster else");
  });
});

describe("an existing cluster", () => {
  test("is joined, whoever else is empty or silent", () => {
    const answers = [candidate("a"), silent("b"), member("c", "old")];
    expect(step(answers)).toEqual({ kind: "join", address: "c:7472", clusterId: "old" });
  });

  test("of which there are two is an error", () => {
    const { code } = refusal(step([member("b", "one"), member("c", "two")]));
    expect(code).toBe("QUORATE_REGISTRY_CLUSTERS_DIFFER");
  });
});

test("without a list a server is a cluster of one", () => {
  const first = step([], { expect: 1 });
  expect(first).toEqual({ kind: "accept", proposal: proposed("a") });
  expect(step([], { expect: 1, accepted: proposed("a") }).kind).toBe("found");
});

test("an address that is listed under two names counts once", () => {
  const answers = [candidate("a"), candidate("a"), candidate("b")];
  expect(missing(step(answers))).toContain("2 of 3 servers found");
});
