// Proposals from any server: here when this server leads, else carried whole to the leader as the encoded
// command, with the encoded result on the way back. The leader decodes the command once before it appends it: a
// command that no server could apply would stop them all.
import type { Clock, WallClock } from "../base/clock.ts";
import { QuorateError } from "../base/errors.ts";
import { decodeCommand, encodeCommand } from "../state/command-codec.ts";
import type { Command } from "../state/commands.ts";
import type { CommandResult } from "../state/result.ts";
import { decodeResult, encodeResult } from "../state/result-codec.ts";
import type { Committed, LeaderLink, ProposeOptions } from "./contract.ts";
import { callDeadlineMs } from "./limits.ts";
import type { ProposalQueue } from "./proposer.ts";

const submitCall = "replica.submit";

export interface SubmitModules {
  readonly proposals: ProposalQueue;
  readonly link: LeaderLink;
  readonly leadership: { readonly leads: boolean };
  readonly clock: Clock;
  readonly wallClock: WallClock;
}

export class Submit {
  readonly #modules: SubmitModules;

  constructor(modules: SubmitModules) {
    this.#modules = modules;
  }

  register(): void {
    this.#modules.link.register(submitCall, (request) => this.#serve(request));
  }

  async submit(command: Command, options: ProposeOptions): Promise<Committed> {
    const { proposals, link, leadership, clock, wallClock } = this.#modules;
    // It belongs to one leadership of this server: nobody else may do it.
    if (options.term !== undefined) return proposals.propose(command, options);
    const untilMs = clock.nowMs() + (options.deadlineMs ?? callDeadlineMs);
    if (leadership.leads) {
      try {
        return await proposals.propose(command, options);
      } catch (thrown) {
        if (!isNotLeader(thrown)) throw thrown;
      }
    }
    const { actor, request } = options;
    const atMs = Math.floor(wallClock.wallMs());
    const data = encodeCommand({ atMs, actor, request, command });
    const result = decodeResult(await link.call(submitCall, data, untilMs - clock.nowMs()));
    if (result.kind === "refused") throw new QuorateError(result.error);
    return { revision: result.revision, detail: result.detail };
  }

  async #serve(request: Uint8Array): Promise<Uint8Array> {
    decodeCommand(request);
    const committed = await this.#modules.proposals.proposeEncoded(request, {});
    const result: CommandResult = { kind: "done", ...committed };
    return encodeResult(result);
  }
}

/** Nothing was appended: the leader is somewhere else by now. */
function isNotLeader(thrown: unknown): boolean {
  return thrown instanceof QuorateError && thrown.code === "QUORATE_REPLICA_NOT_LEADER";
}
