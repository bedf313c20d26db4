// A job's output lies on the machine that runs it, or last ran it. Any server finds that one in its table and asks
// it directly. The table is read before the output: when it names another owner, the machine that is asked has ended
// its run, so that its output is whole.
import { QuorateError } from "../base/errors.ts";
import type { PeerId } from "../base/numbers.ts";
import type { Jobs } from "../distribution/contract.ts";
import type { Replica } from "../replica/contract.ts";
import { callJson, handleOnPeer, jsonCall } from "../replica/json-call.ts";
import type { LogReader } from "../runner/logs.ts";
import type { Assignment, ServerRow } from "../state/rows.ts";
import { apiErrors } from "./errors.ts";
import type { JobLogs, LogPiece } from "./services.ts";

interface ReadRequest {
  readonly jobId: string;
  readonly offset: number;
  readonly tailBytes: number;
}
/** Output travels as base64: bytes are not always text. */
interface ReadAnswer {
  readonly base64: string;
  readonly nextOffset: number;
  readonly truncated: boolean;
}

const readCall = jsonCall<ReadRequest, ReadAnswer>("runner.read-log");

export interface JobLogModules {
  readonly replica: Replica;
  readonly jobs: Jobs;
  readonly reader: LogReader;
}

/** Empty when nobody holds the job. */
function ownerOf(assignment: Assignment): string {
  const isHeld = assignment.state === "assigned" || assignment.state === "revoking";
  return isHeld ? assignment.owner.serverId : "";
}

export class JobLogService implements JobLogs {
  readonly #modules: JobLogModules;

  constructor(modules: JobLogModules) {
    this.#modules = modules;
    handleOnPeer(modules.replica.leaderLink, readCall, (request) => this.#readHere(request));
  }

  async read(request: Parameters<JobLogs["read"]>[0], deadlineMs: number): Promise<LogPiece> {
    const { job, row } = await this.#modules.jobs.get(request.job, { actor: "api", deadlineMs });
    const ownerId = ownerOf(row.assignment);
    const candidates = this.#candidates(ownerId, request.serverId);
    const { offset, tailBytes } = request;
    let isSilent = false;
    for (const { peerId, profile } of candidates) {
      const answer = await this.#ask(peerId, { jobId: job.jobId, offset, tailBytes }, deadlineMs);
      if (answer === "silent") isSilent = true;
      if (typeof answer === "string") continue;
      const { base64, nextOffset, truncated } = answer;
      const bytes = Buffer.from(base64, "base64");
      return { bytes, nextOffset, serverId: profile.serverId, truncated, ownerId };
    }
    const name = `${job.namespace}/${job.name}`;
    if (isSilent) {
      throw apiErrors.LOG_UNREACHABLE(`the server with output of ${name} does not answer now`);
    }
    throw apiErrors.NO_LOG(`no server has output of ${name}`);
  }

  /** The member that is asked for; else the owner; without one any server, since any may have run it. */
  #candidates(ownerId: string, asked: string): readonly ServerRow[] {
    const members = this.#modules.replica.state.servers().filter(({ role }) => role !== "removed");
    const named = members.filter(({ profile }) => profile.serverId === asked);
    if (named.length > 0) return named;
    return ownerId === "" ? members : members.filter(({ profile }) => profile.serverId === ownerId);
  }

  /** `none`: the job never ran there. `silent`: that server does not answer, so nobody knows. */
  async #ask(
    peer: PeerId,
    request: ReadRequest,
    deadlineMs: number,
  ): Promise<ReadAnswer | "none" | "silent"> {
    const { leaderLink } = this.#modules.replica;
    try {
      return await callJson(leaderLink, { call: readCall, request }, { peer, deadlineMs });
    } catch (error) {
      if (!(error instanceof QuorateError)) throw error;
      if (error.kind === "not-found") return "none";
      if (error.kind === "unavailable" || error.kind === "unknown") return "silent";
      throw error;
    }
  }

  async #readHere({ jobId, offset, tailBytes }: ReadRequest): Promise<ReadAnswer> {
    const { reader } = this.#modules;
    const end =
      tailBytes > 0 ? (await reader.read(jobId, { offset: Number.MAX_SAFE_INTEGER })).endOffset : 0;
    const from = tailBytes > 0 ? Math.max(0, end - tailBytes) : offset;
    const part = await reader.read(jobId, { offset: from });
    return {
      base64: Buffer.from(part.bytes).toString("base64"),
      nextOffset: part.nextOffset,
      truncated: part.offset > from,
    };
  }
}
