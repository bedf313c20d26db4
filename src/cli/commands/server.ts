import { Command } from "commander";
import type { QuorateClient } from "../../client/quorate-client.ts";
import { type OptionSpec, serverOptions } from "../../server/config/options.ts";
import type { CliContext } from "../context.ts";
import { cliErrors } from "../errors.ts";
import { examplesText, type Input, noun, type Runner, verb } from "../run.ts";

type MembershipAnswer = Awaited<ReturnType<QuorateClient["servers"]["add"]>>;

/** `ROLE_VOTER` → `voter`. */
const word = (constant: string): string => constant.slice(constant.indexOf("_") + 1).toLowerCase();

async function list(context: CliContext): Promise<void> {
  const { servers } = await context.client();
  const answer = await servers.list();
  await context.answer(answer, () => ({
    head: ["ID", "ROLE", "LIVENESS", "LEADER", "STATE", "SLOTS", "ZONE", "PEER", "GRPC", "VERSION"],
    rows: answer.servers.map((server) => [
      server.serverId,
      word(server.role),
      word(server.liveness),
      server.leader,
      server.adminState,
      server.capacity,
      server.zone,
      server.peerAddress,
      server.grpcAddress,
      server.version,
    ]),
    right: [5],
  }));
}

async function printChange(context: CliContext, answer: MembershipAnswer): Promise<void> {
  await context.answer(answer, () => ({
    head: ["ID", "PEER ID", "REVISION"],
    rows: [[answer.serverId, answer.peerId, answer.revision]],
    right: [1, 2],
  }));
}

type Change = "add" | "promote" | "remove" | "lead";

function change(name: Change) {
  return async (context: CliContext, { words }: { readonly words: readonly string[] }) => {
    const [subject = ""] = words;
    const { servers } = await context.client();
    const answer: MembershipAnswer = await servers[name](subject);
    await printChange(context, answer);
    if (answer.text !== "") await context.say(answer.text);
  };
}

type StateVerb = "cordon" | "drain" | "uncordon";

interface ReasonFlags {
  readonly reason?: string;
}

const consequences: Readonly<Record<StateVerb, string>> = {
  cordon: "it keeps its jobs and is given no others",
  drain: "its jobs move off, a few at a time; `quorate ring show` shows its load",
  uncordon: "it takes jobs again",
};

function setState(name: StateVerb) {
  return async (context: CliContext, { words, flags }: Input<ReasonFlags>): Promise<void> => {
    const { servers } = await context.client();
    const answer = await servers[name](words[0] ?? "", { reason: flags.reason ?? "" });
    await printChange(context, answer);
    await context.say(`${answer.text}: ${consequences[name]}`);
  };
}

const optionLine = ({ name, kind, unit, fallback, choices, text, risk }: OptionSpec): string => {
  const value = kind === "flag" ? "" : ` <${choices?.join("|") ?? (unit === "" ? kind : unit)}>`;
  const standard = kind === "flag" || fallback === "" ? "" : ` Default: ${fallback}.`;
  return `  --${name}${value}\n      ${text}${standard} ${risk === "None." ? "" : `Risk: ${risk}`}`.trimEnd();
};

const startExamples = [
  ["quorate server start", "A cluster of one; data in ./quorate-data."],
  [
    "quorate server start --host 10.0.0.1 --join 10.0.0.1,10.0.0.2,10.0.0.3 --insecure",
    "The same line, with its own --host, on each of three machines founds a cluster of three.",
  ],
  [
    "quorate server start --data /var/lib/quorate --id s1 --zone rack-1 --capacity 32",
    "With an id, a zone and 32 slots for jobs.",
  ],
] as const;

/** The program itself becomes the sentinel for this verb (src/bin): here are only its description and its options. */
function startCommand(): Command {
  const specs: readonly OptionSpec[] = serverOptions;
  return new Command("start")
    .description("start a server on this machine: it keeps running until it is told to end")
    .usage("[options]")
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      "after",
      () =>
        `\nOptions of a server; each also as QUORATE_…, for example QUORATE_HTTP_PORT:\n${specs
          .map(optionLine)
          .join("\n")}\n${examplesText(startExamples)}`,
    )
    .action(() => {
      throw cliErrors.USAGE(
        "write `quorate server start` first and its options behind it: the global options are for calls to a running server",
      );
    });
}

const id = ["<id>", "server id"] as const;

const reason = (command: Command): Command =>
  command.option("--reason <text>", "kept in the server's record");

function stateVerbs(run: Runner): readonly Command[] {
  return [
    verb<ReasonFlags>(
      {
        name: "cordon",
        text: "give a server no new jobs; it keeps those that it has",
        args: [id],
        examples: [["quorate server cordon s2", "Until `server uncordon`."]],
        options: reason,
        action: setState("cordon"),
      },
      run,
    ),
    verb<ReasonFlags>(
      {
        name: "drain",
        text: "move a server's jobs to the others, a few at a time, and give it no new ones",
        args: [id],
        examples: [['quorate server drain s2 --reason "new disk"', "Before work on its machine."]],
        options: reason,
        action: setState("drain"),
      },
      run,
    ),
    verb<ReasonFlags>(
      {
        name: "uncordon",
        text: "let a server take jobs again, after `cordon` or `drain`",
        args: [id],
        examples: [["quorate server uncordon s2", "Jobs come back when things are quiet."]],
        options: reason,
        action: setState("uncordon"),
      },
      run,
    ),
  ];
}

export function serverCommand(run: Runner): Command {
  return noun("server", "the servers of the cluster", [
    startCommand(),
    verb(
      {
        name: "list",
        text: "list the servers, their roles and whether they are alive",
        examples: [
          ["quorate server list", "All members."],
          ["quorate server list --no-headers | awk '$3 != \"up\"'", "Those that are not up."],
        ],
        action: list,
      },
      run,
    ),
    verb(
      {
        name: "add",
        text: "add an empty server as a learner; it becomes a voter when it has caught up and is promoted",
        args: [["<peer-address>", "host:port of its peer door"]],
        examples: [
          ["quorate server add 10.0.0.4:7472", "A server that waits there with --await-add."],
        ],
        action: change("add"),
      },
      run,
    ),
    verb(
      {
        name: "promote",
        text: "make a learner that has caught up a voter",
        args: [id],
        examples: [["quorate server promote s4", "It counts toward the quorum from now on."]],
        action: change("promote"),
      },
      run,
    ),
    verb(
      {
        name: "remove",
        text: "take a server out of the cluster; refused when the quorum would be lost",
        args: [id],
        examples: [["quorate server remove s2", "It will not be a member any more."]],
        action: change("remove"),
      },
      run,
    ),
    verb(
      {
        name: "lead",
        text: "hand leadership to a voter",
        args: [id],
        examples: [["quorate server lead s3", "Before work on the machine that leads now."]],
        action: change("lead"),
      },
      run,
    ),
    ...stateVerbs(run),
  ]);
}
