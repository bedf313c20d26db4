// What servers ask each other before there is a membership between them: who are you, may I join. It is the
// only conversation of the peer door that strangers may have, so everything in it is checked.
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { messageOf } from "../base/errors.ts";
import { serverCapacityMax, serverLabelsMax } from "../state/limits.ts";
import { registryErrors } from "./errors.ts";

/** No control characters: what a stranger says ends up in the table, in logs and on terminals. */
const textCharsMax = 256;
const text = Type.String({
  maxLength: textCharsMax,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
});
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

// The bounds are the state machine's: a membership entry cannot be refused any more once it is in the log.
const profileSchema = Type.Object({
  serverId: Type.String({ pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$" }),
  incarnation: Type.String({ minLength: 1, maxLength: 64, pattern: "^[0-9a-z]+$" }),
  peerAddress: text,
  grpcAddress: text,
  httpAddress: text,
  zone: text,
  labels: Type.Record(text, text, { maxProperties: serverLabelsMax }),
  capacity: Type.Integer({ minimum: 0, maximum: serverCapacityMax }),
  version: text,
});

const foundingMemberSchema = Type.Object({ peerId: count, profile: profileSchema });

const proposalSchema = Type.Object({
  clusterId: text,
  /** Wall-clock time of the proposal, so that the first log is the same on every server. */
  atMs: count,
  /** Sorted by server id; peer ids 1, 2, 3 … in that order. */
  members: Type.Array(foundingMemberSchema, { minItems: 1, maxItems: 15 }),
});

const memberAddressSchema = Type.Object({ peerId: count, peerAddress: text });

const helloRequestSchema = Type.Union([
  Type.Object({ kind: Type.Literal("ask") }),
  /**
   * `awaitAdd`: only asks whether an operator has added it already. `lost`: this server was a member of that cluster and
   * has put its damaged data aside.
   */
  Type.Object({
    kind: Type.Literal("join"),
    profile: profileSchema,
    awaitAdd: Type.Boolean(),
    lost: Type.Optional(Type.Object({ clusterId: text, why: text })),
  }),
  /** A member has come back with other addresses: nobody can send to it until its record says so. */
  Type.Object({ kind: Type.Literal("moved"), clusterId: text, profile: profileSchema }),
  /** A member that hears of no leader asks whether it is one still: nobody sends to a server that was removed. */
  Type.Object({
    kind: Type.Literal("belongs"),
    clusterId: text,
    serverId: text,
    incarnation: text,
  }),
]);

const admissionSchema = Type.Object({
  clusterId: text,
  generation: count,
  peerId: count,
  members: Type.Array(memberAddressSchema),
});

const helloAnswerSchema = Type.Union([
  /** Empty, or bound to one formation proposal. */
  Type.Object({
    kind: Type.Literal("candidate"),
    profile: profileSchema,
    proposal: Type.Union([proposalSchema, Type.Null()]),
  }),
  Type.Object({
    kind: Type.Literal("member"),
    serverId: text,
    incarnation: text,
    clusterId: text,
    generation: count,
    /** The proposal it was founded with; null for one that joined later. */
    proposal: Type.Union([proposalSchema, Type.Null()]),
  }),
  /** A member that has put its damaged data aside and waits to be admitted anew. */
  Type.Object({ kind: Type.Literal("quarantined"), serverId: text, clusterId: text, why: text }),
  Type.Object({ kind: Type.Literal("admitted"), admission: admissionSchema }),
  /** To `moved`: the new addresses are in the table. To `belongs`: yes. */
  Type.Object({ kind: Type.Literal("noted") }),
  Type.Object({
    kind: Type.Literal("refused"),
    code: text,
    message: Type.String({ maxLength: 2000 }),
    /** Asking again later may succeed. */
    temporary: Type.Boolean(),
  }),
]);

export type FormationProposal = Static<typeof proposalSchema>;
export type HelloRequest = Static<typeof helloRequestSchema>;
export type HelloAnswer = Static<typeof helloAnswerSchema>;
export type Admission = Static<typeof admissionSchema>;

/** What `text` takes of it. */
export function asHelloText(words: string): string {
  return words.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, textCharsMax);
}

const requestCheck = Compile(helloRequestSchema);
const answerCheck = Compile(helloAnswerSchema);
const proposalCheck = Compile(proposalSchema);

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw registryErrors.BAD_HELLO(`not a JSON document: ${messageOf(cause)}`, { cause });
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

export const encodeHelloRequest = (request: HelloRequest): Uint8Array => encode(request);
export const encodeHelloAnswer = (answer: HelloAnswer): Uint8Array => encode(answer);
export const encodeProposal = (proposal: FormationProposal): Uint8Array => encode(proposal);

export function decodeHelloRequest(bytes: Uint8Array): HelloRequest {
  const value = parse(bytes);
  if (!requestCheck.Check(value))
    throw registryErrors.BAD_HELLO("the question has an unknown form");
  return value;
}

export function decodeHelloAnswer(bytes: Uint8Array): HelloAnswer {
  const value = parse(bytes);
  if (!answerCheck.Check(value)) throw registryErrors.BAD_HELLO("the answer has an unknown form");
  return value;
}

export function decodeProposal(bytes: Uint8Array): FormationProposal {
  const value = parse(bytes);
  if (!proposalCheck.Check(value))
    throw registryErrors.BAD_HELLO("the proposal has an unknown form");
  return value;
}

/** Same founding members under the same cluster id. Both sides were written by `encodeProposal`. */
export function sameProposal(a: FormationProposal, b: FormationProposal): boolean {
  return a.clusterId === b.clusterId && JSON.stringify(a) === JSON.stringify(b);
}
