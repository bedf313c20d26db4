// A server's HTTP door, for questions that are asked while the server comes and goes: every question is a connection of
// its own if need be, without the growing pauses of a gRPC channel that has lost its server.
import type { Machine } from "./local-cluster.ts";
import { until } from "./wait.ts";

const answerMs = 1000;

/** What GET /v1/status says, as far as it is wanted here. */
export interface ServerView {
  /** "" while it knows of none. */
  readonly leaderId: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  readonly snapshotIndex: number;
}

function number(answer: object, name: string): number {
  const value: unknown = Reflect.get(answer, name);
  if (typeof value !== "number") throw new Error(`the status has no number ${name}`);
  return value;
}

export function viewOf(answer: unknown): ServerView {
  if (typeof answer !== "object" || answer === null) throw new Error("the status is no object");
  const leaderId: unknown = Reflect.get(answer, "leaderId");
  if (typeof leaderId !== "string") throw new Error("the status has no leaderId");
  return {
    leaderId,
    term: number(answer, "term"),
    commitIndex: number(answer, "commitIndex"),
    appliedIndex: number(answer, "appliedIndex"),
    lastIndex: number(answer, "lastIndex"),
    snapshotIndex: number(answer, "snapshotIndex"),
  };
}

async function ask(machine: Machine, path: string, init: RequestInit): Promise<unknown> {
  try {
    const url = `http://${machine.httpAddress}${path}`;
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(answerMs) });
    const body: unknown = await answer.json();
    return answer.ok ? body : undefined;
  } catch (error) {
    // Nobody listens, the connection broke, or no answer in time.
    if (error instanceof TypeError || error instanceof DOMException) return undefined;
    throw error;
  }
}

/** Undefined while the server does not answer, or is no member yet. */
export async function askStatus(machine: Machine): Promise<ServerView | undefined> {
  const answer = await ask(machine, "/v1/status", {});
  return answer === undefined ? undefined : viewOf(answer);
}

/** Waits for an answer. */
export async function statusOf(machine: Machine): Promise<ServerView> {
  return await until(`a status of ${machine.id}`, () => askStatus(machine));
}

/** The machine that the first one names as leader; waits for it. */
export async function leaderOf(machines: readonly Machine[]): Promise<Machine> {
  const [first] = machines;
  if (first === undefined) throw new Error("there is no server");
  return await until("a leader", async () => {
    const { leaderId } = await statusOf(first);
    return machines.find(({ id }) => id === leaderId);
  });
}

/** Some machine other than the leader's. */
export function followerOf(machines: readonly Machine[], leader: Machine): Machine {
  const follower = machines.find(({ id }) => id !== leader.id);
  if (follower === undefined) throw new Error("there is no follower: --servers 2 or more");
  return follower;
}

/** Whether the write was acknowledged; without it, it may have been done all the same. */
export async function tryPut(machine: Machine, key: string, value: Uint8Array): Promise<boolean> {
  const headers = { "content-type": "application/octet-stream" };
  const body = Buffer.from(value);
  return (await ask(machine, `/v1/kv/${key}`, { method: "PUT", headers, body })) !== undefined;
}
