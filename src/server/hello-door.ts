// Answers the questions of servers that are not members yet, before and after this one has become a member.
import { type ErrorKind, QuorateError } from "../base/errors.ts";
import {
  type Admission,
  decodeHelloRequest,
  encodeHelloAnswer,
  type FormationProposal,
  type HelloAnswer,
  type HelloRequest,
} from "../registry/hello.ts";
import type { MemberService } from "../registry/members.ts";
import type { Identity } from "../storage/contract.ts";

/** This server as a member of its cluster. */
export interface Membership {
  readonly identity: Identity;
  readonly admission: Admission;
  readonly founding: FormationProposal | undefined;
  readonly members: MemberService;
}

const joinDeadlineMs = 4000;
/** Refusals that may be gone when the joiner asks again. */
const temporaryKinds: ReadonlySet<ErrorKind> = new Set([
  "unavailable",
  "unknown",
  "conflict",
  "exhausted",
]);

type Join = Extract<HelloRequest, { kind: "join" }>;
type Moved = Extract<HelloRequest, { kind: "moved" }>;
type Belongs = Extract<HelloRequest, { kind: "belongs" }>;

export class HelloDoor {
  readonly #candidate: () => HelloAnswer;
  #membership: Membership | undefined;

  /** `candidate` answers for as long as this server is not a member. */
  constructor(candidate: () => HelloAnswer) {
    this.#candidate = candidate;
  }

  becomeMember(membership: Membership): void {
    this.#membership = membership;
  }

  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const request = decodeHelloRequest(bytes);
    const membership = this.#membership;
    if (membership === undefined) return encodeHelloAnswer(this.#candidate());
    switch (request.kind) {
      case "ask":
        return encodeHelloAnswer(this.#asMember(membership));
      case "join":
        return encodeHelloAnswer(await this.#join(membership, request));
      case "moved":
        return encodeHelloAnswer(await this.#moved(membership, request));
      case "belongs":
        return encodeHelloAnswer(await this.#belongs(membership, request));
    }
  }

  async #moved({ admission, members }: Membership, moved: Moved): Promise<HelloAnswer> {
    const { profile, clusterId } = moved;
    if (clusterId !== admission.clusterId) return stranger(admission, clusterId);
    return await answered(async () => {
      await members.moved(profile, {
        actor: `server:${profile.serverId}`,
        deadlineMs: joinDeadlineMs,
      });
      return { kind: "noted" };
    });
  }

  async #belongs({ admission, members }: Membership, asker: Belongs): Promise<HelloAnswer> {
    if (asker.clusterId !== admission.clusterId) return stranger(admission, asker.clusterId);
    return await answered(async () => {
      await members.belongs(asker, joinDeadlineMs);
      return { kind: "noted" };
    });
  }

  #asMember({ identity, admission, founding }: Membership): HelloAnswer {
    const { serverId, incarnation } = identity;
    const { clusterId, generation } = admission;
    return {
      kind: "member",
      serverId,
      incarnation,
      clusterId,
      generation,
      proposal: founding ?? null,
    };
  }

  async #join({ admission, members }: Membership, join: Join): Promise<HelloAnswer> {
    const { profile, awaitAdd, lost } = join;
    if (lost !== undefined && lost.clusterId !== admission.clusterId) {
      return stranger(admission, lost.clusterId);
    }
    const known = members.admissionOf(profile);
    if (known !== undefined) return { kind: "admitted", admission: known };
    if (awaitAdd) {
      return {
        kind: "refused",
        code: "",
        message: "no operator has added it yet",
        temporary: true,
      };
    }
    return await answered(async () => {
      const options = { actor: `join:${profile.serverId}`, deadlineMs: joinDeadlineMs };
      const request = { profile, lost: lost?.why };
      return { kind: "admitted", admission: await members.join(request, options) };
    });
  }
}

function stranger(admission: Admission, clusterId: string): HelloAnswer {
  const message = `this is cluster ${admission.clusterId}, not ${clusterId}`;
  return { kind: "refused", code: "", message, temporary: false };
}

/** A coded refusal becomes an answer, since the asker is not a member and has no other way to hear it. */
async function answered(work: () => Promise<HelloAnswer>): Promise<HelloAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    const { code, message, help, kind } = error;
    const temporary = temporaryKinds.has(kind);
    return { kind: "refused", code, message: `${message}. ${help}`, temporary };
  }
}
