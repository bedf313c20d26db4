// Answers come from the network: their shape is checked before anything is believed.
import { sentinelErrors } from "./errors.ts";
import type { RegisterAnswer, RenewAnswer, RunningJob } from "./protocol.ts";

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null)
    return value as Readonly<Record<string, unknown>>;
  throw sentinelErrors.BAD_ANSWER("the answer is not an object");
}

function number(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw sentinelErrors.BAD_ANSWER(`"${name}" is not a whole number`);
}

function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw sentinelErrors.BAD_ANSWER(`"${name}" is not a string`);
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw sentinelErrors.BAD_ANSWER(`"${name}" is not a list`);
}

export function parseRegisterAnswer(value: unknown): RegisterAnswer {
  return { session: number(record(value)["session"], "session") };
}

function job(value: unknown): RunningJob {
  const fields = record(value);
  return { jobId: text(fields["jobId"], "jobId"), epoch: number(fields["epoch"], "epoch") };
}

export function parseRenewAnswer(value: unknown): RenewAnswer {
  const fields = record(value);
  const alive = fields["alive"];
  if (typeof alive !== "boolean") throw sentinelErrors.BAD_ANSWER('"alive" is not a boolean');
  return {
    alive,
    confirmed: list(fields["confirmed"], "confirmed").map(job),
    term: number(fields["term"], "term"),
    servers: list(fields["servers"], "servers").map((server) => text(server, "servers")),
  };
}
