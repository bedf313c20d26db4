// The commands of etcd's interaction language. A handler returns the original's complaint, if it has one;
// whatever else there is to say is written to the output.
import { index, type PeerId, peerId } from "../../../../src/base/numbers.ts";
import { ordinaryCampaign, startCampaign } from "../../../../src/raft/election.ts";
import { allVoters } from "../../../../src/raft/membership/configuration.ts";
import { reportUnreachable } from "../../../../src/raft/replicate.ts";
import { statusOf } from "../../../../src/raft/status.ts";
import { forgetLeader, tick } from "../../../../src/raft/tick.ts";
import { handleTransfer } from "../../../../src/raft/transfer.ts";
import { badArgument, bareNumbers, bareWords, requiredNumber } from "../datadriven/arguments.ts";
import type { Directive } from "../datadriven/parse.ts";
import { entriesText, messageText } from "../wording/message.ts";
import { progressMapText, roleNames } from "../wording/state.ts";
import { addNodes } from "./add-nodes.ts";
import { deliverMessages } from "./deliver.ts";
import type { Environment } from "./environment.ts";
import { firstServer, namedServers, serverOf } from "./named-servers.ts";
import { electionTicks, heartbeatTicks } from "./options.ts";
import { levelComplaint, levelNamed } from "./output.ts";
import { proposeConfChange, proposeData } from "./propose-commands.ts";
import type { Server } from "./server.ts";
import { stabilize } from "./stabilize.ts";
import type { WireMessage } from "./wire.ts";

type Handler = (environment: Environment, directive: Directive) => string | undefined;

/** Does `work` on the first server. */
function onFirst(work: (server: Server) => void): Handler {
  return (environment, directive) => {
    work(firstServer(environment, directive));
    return undefined;
  };
}

/** Does `work` on every named server, under a headline each when there are several. */
function onEach(
  what: string,
  work: (environment: Environment, server: Server) => string | undefined,
): Handler {
  return (environment, directive) => {
    const { output } = environment;
    const servers = namedServers(environment, directive);
    for (const server of servers) {
      if (servers.length > 1) output.write(`> ${server.id} ${what}\n`);
      const complaint =
        servers.length > 1
          ? output.indented(() => work(environment, server))
          : work(environment, server);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  };
}

function ticks(count: number): Handler {
  return onFirst(({ core }) => {
    for (let i = 0; i < count; i += 1) tick(core);
  });
}

function writeLog({ output }: Environment, { storage }: Server): void {
  const first = storage.firstIndex();
  const last = storage.lastIndex();
  if (last < first) output.write(`log is empty: first index=${first}, last index=${last}`);
  else output.write(entriesText(storage.all()));
}

function compact(environment: Environment, directive: Directive): string | undefined {
  const [, to] = bareNumbers(directive);
  if (to === undefined) throw badArgument(directive, "an index is missing");
  const server = firstServer(environment, directive);
  const complaint = server.storage.compact(index(to));
  if (complaint === undefined) writeLog(environment, server);
  return complaint;
}

function writeStates({ output, servers }: Environment): undefined {
  for (const { id, core } of servers) {
    const voter = allVoters(core.tracker.configuration).includes(id);
    const membership = voter ? "(Voter)" : "(Non-Voter)";
    const state = `${roleNames[core.role]} ${membership} Term:${core.term} Lead:${core.leader}`;
    output.write(`${id}: ${state}\n`);
  }
}

function transferLeadership(environment: Environment, directive: Directive): undefined {
  const from = serverOf(environment, directive, requiredNumber(directive, "from"));
  const { id: transferee } = serverOf(environment, directive, requiredNumber(directive, "to"));
  const { id, term } = from.core;
  handleTransfer(from.core, { kind: "transfer", from: id, to: id, term, transferee });
}

function sendSnapshot(environment: Environment, directive: Directive): undefined {
  const [from, to] = bareNumbers(directive);
  if (from === undefined || to === undefined) {
    throw badArgument(directive, "a sender and a receiver are needed");
  }
  const { core, storage, id } = serverOf(environment, directive, from);
  const message: WireMessage = {
    kind: "snapshot",
    from: id,
    to: peerId(to),
    term: core.term,
    snapshot: storage.snapshot(),
    progressId: 0,
  };
  environment.messages.push(message);
  environment.output.write(messageText(message));
}

function setElectionTimeout(environment: Environment, directive: Directive): undefined {
  const timeout = requiredNumber(directive, "timeout");
  if (timeout === 0) throw badArgument(directive, "timeout= must not be 0");
  firstServer(environment, directive).core.electionTimeout = timeout;
}

function setLogLevel({ output }: Environment, directive: Directive): string | undefined {
  const level = levelNamed(bareWords(directive)[0] ?? "");
  if (level === undefined) return levelComplaint;
  output.level = level;
  return undefined;
}

function unreachable(environment: Environment, directive: Directive): string | undefined {
  const [server, peer, more] = namedServers(environment, directive);
  if (server === undefined || peer === undefined || more !== undefined) {
    return "must specify exactly two node indexes: node on which to report, and reported node";
  }
  reportUnreachable(server.core, peer.id);
  return undefined;
}

function writeStatus(environment: Environment, directive: Directive): undefined {
  const { progress } = statusOf(firstServer(environment, directive).core);
  const peers = progress.map((each): [PeerId, typeof each] => [each.peer, each]);
  environment.output.write(progressMapText(peers));
}

export const commands: Readonly<Record<string, Handler>> = {
  _breakpoint: () => undefined,
  "add-nodes": addNodes,
  campaign: onFirst(({ core }) => {
    startCampaign(core, ordinaryCampaign(core));
  }),
  compact,
  "deliver-msgs": deliverMessages,
  "forget-leader": onFirst(({ core }) => {
    forgetLeader(core);
  }),
  "log-level": setLogLevel,
  "process-append-thread": onEach("processing append thread", (environment, server) =>
    environment.processAppendThread(server),
  ),
  "process-apply-thread": onEach("processing apply thread", (environment, server) =>
    environment.processApplyThread(server),
  ),
  "process-ready": onEach("handling Ready", (environment, server) =>
    environment.processReady(server),
  ),
  propose: proposeData,
  "propose-conf-change": proposeConfChange,
  "raft-log": (environment, directive) => {
    writeLog(environment, firstServer(environment, directive));
    return undefined;
  },
  "raft-state": writeStates,
  "report-unreachable": unreachable,
  "send-snapshot": sendSnapshot,
  "set-randomized-election-timeout": setElectionTimeout,
  stabilize: (environment, directive) =>
    stabilize(environment, directive, namedServers(environment, directive)),
  status: writeStatus,
  "tick-election": ticks(electionTicks),
  "tick-heartbeat": ticks(heartbeatTicks),
  "transfer-leadership": transferLeadership,
};
