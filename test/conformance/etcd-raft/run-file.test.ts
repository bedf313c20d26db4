// The harness must be able to fail: planted errors in all three suites.
import { describe, expect, test } from "vitest";
import { confchangeSuite } from "./confchange.ts";
import { interactionSuite } from "./interaction/suite.ts";
import { quorumSuite } from "./quorum.ts";
import { runFile } from "./run-file.ts";

const started = [
  "add-nodes 1 voters=(1) index=3",
  "----",
  "INFO 1 switched to configuration voters=(1)",
  "INFO 1 became follower at term 0",
  "INFO newRaft 1 [peers: [1], term: 0, commit: 3, applied: 3, lastindex: 3, lastterm: 1]",
  "",
].join("\n");

const committed = [
  "committed cfg=(1,2,3) idx=(5,5,_)",
  "----",
  "       idx",
  "x>       5    (id=1)",
  "x>       5    (id=2)",
  "?        0    (id=3)",
  "5",
  "",
].join("\n");

const simple = "simple\nv1 v2\n----\nmore than one voter changed without entering joint config\n";

describe("a file", () => {
  test("passes when every output is as expected", () => {
    expect(runFile(interactionSuite, started)).toBeUndefined();
    expect(runFile(quorumSuite, committed)).toBeUndefined();
    expect(
      runFile(
        confchangeSuite,
        `${simple}\nsimple\nv1\n----\nvoters=(1)\n1: StateProbe match=0 next=1\n`,
      ),
    ).toBeUndefined();
  });

  test("fails on a log line that is missing, changed, too many or at the wrong place", () => {
    const lines = started.split("\n");
    const [directive, separator, first, second, third] = lines;
    const wrong = [
      [directive, separator, first, second],
      [directive, separator, first, second, third?.replace("lastterm: 1", "lastterm: 2")],
      [directive, separator, first, second, third, "INFO 1 became leader at term 0"],
      [directive, separator, second, first, third],
    ];
    for (const planted of wrong) {
      const failure = runFile(interactionSuite, `${planted.join("\n")}\n`);
      expect(failure?.[0]).toBe(`line 1: ${directive}`);
      expect(failure).toContain("expected:");
      expect(failure).toContain(`  ${third}`);
    }
  });

  test("fails on a wrong index, a wrong bar and a wrong configuration", () => {
    expect(runFile(quorumSuite, committed.replace("\n5\n", "\n4\n"))).toContain("  4");
    expect(
      runFile(quorumSuite, committed.replace("x>       5    (id=2)", ">        5    (id=2)")),
    ).toBeDefined();
    expect(runFile(quorumSuite, "vote cfg=(1,2) votes=(y,_)\n----\nVoteWon\n")).toContain(
      "  VotePending",
    );
    expect(runFile(confchangeSuite, simple.replace("more", "fewer"))).toBeDefined();
    expect(
      runFile(confchangeSuite, "simple\nv1\n----\nvoters=(1)\n1: StateProbe match=0 next=2\n"),
    ).toBeDefined();
  });

  test("reports the first difference only", () => {
    const failure = runFile(
      quorumSuite,
      `${committed}\nvote cfg=(1) votes=(y)\n----\nVoteLost\n\nvote cfg=(1) votes=(n)\n----\nVoteWon\n`,
    );
    expect(failure?.slice(0, 2)).toEqual([
      "line 9: vote cfg=(1) votes=(y)",
      "the output differs from its line 1 on",
    ]);
  });

  test.each([
    [interactionSuite, "explode 1\n----\nok\n", "UNKNOWN_DIRECTIVE: line 1: explode is no command"],
    [confchangeSuite, "explode\n----\nok\n", "UNKNOWN_DIRECTIVE: line 1: explode is no command"],
    [quorumSuite, "explode\n----\nok\n", "UNKNOWN_DIRECTIVE: line 1: explode is no command"],
    [
      interactionSuite,
      "campaign 1\n----\nok\n",
      "BAD_ARGUMENT: line 1: campaign 1: there is no server 1",
    ],
    [
      interactionSuite,
      "campaign one\n----\nok\n",
      'BAD_ARGUMENT: line 1: campaign one: "one" is not a whole number',
    ],
    [
      interactionSuite,
      "deliver-msgs 1 type=MsgNone\n----\nok\n",
      "BAD_ARGUMENT: line 1: deliver-msgs 1 type=MsgNone: unknown message type MsgNone",
    ],
    [
      interactionSuite,
      "deliver-msgs 1 drop=(1)\n----\nok\n",
      "BAD_ARGUMENT: line 1: deliver-msgs 1 drop=(1): 1 is delivered to and dropped for",
    ],
    [
      quorumSuite,
      "vote cfg=(1) votes=(x)\n----\nok\n",
      "BAD_ARGUMENT: line 1: vote cfg=(1) votes=(x): unknown vote: x",
    ],
    [
      confchangeSuite,
      "leave-joint\nv1\n----\nok\n",
      "BAD_ARGUMENT: line 1: leave-joint takes no input",
    ],
    [quorumSuite, "vote cfg=(1)\n", 'BAD_FILE: line 1: "vote cfg=(1)" is not followed by ----'],
  ])("%# is refused with a code", (suite, text, message) => {
    const failure = runFile(suite, text);
    expect(failure?.[0]).toBe(`QUORATE_CONFORMANCE_${message}`);
    expect(failure).toHaveLength(2);
  });

  test("a core that fails is a difference, not the end", () => {
    const text = `log-level none\n----\nok\n\n${started.replace(/----[^]*/, "----\nok\n")}\ncompact 1 9\n----\nok\n`;
    expect(runFile(interactionSuite, text)?.at(-1)).toBe(
      "  the core failed: compaction beyond the log",
    );
  });
});

describe("commands", () => {
  const answers = (lines: readonly string[]): string[] => {
    const answer = interactionSuite();
    return lines.map((line, at) => {
      const [text = "", input = ""] = line.split("|");
      const [command = "", ...words] = text.split(" ");
      const args = words.map((word) => {
        const [key = "", value] = word.split("=");
        return { key, values: value === undefined ? [] : value.replace(/[()]/g, "").split(",") };
      });
      return answer({ line: at + 1, text, command, args, input, expected: "" });
    });
  };

  test("complaints are printed at every log level", () => {
    expect(
      answers([
        "log-level none",
        "log-level loud",
        "add-nodes 1 voters=(1)",
        "add-nodes 1 read-only=maybe",
        "add-nodes 2 voters=(1,2) index=10",
        "propose 1 early",
        "propose-conf-change 1 how=so",
        "propose-conf-change 1 transition=never",
        "propose-conf-change 1|x2",
        "propose-conf-change 1 v1=true|v3 v4",
        "report-unreachable 1",
        "stabilize log-level=loud",
        "compact 1 3",
      ]),
    ).toEqual([
      "ok",
      "log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]",
      "index must be specified as > 1 due to bootstrap",
      'invalid read-only option "maybe"',
      "ok",
      "raft proposal dropped",
      "unknown command how",
      "unknown transition never",
      "unknown input: x2",
      "v1 conf change can only have one operation and no transition",
      "must specify exactly two node indexes: node on which to report, and reported node",
      "log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]",
      "requested index is unavailable due to compaction",
    ]);
  });

  test("conf changes are printed in the form they were proposed in, updates too", () => {
    const said = answers([
      "log-level none",
      "add-nodes 1 voters=(1) index=10",
      "campaign 1",
      "stabilize",
      "propose-conf-change 1 v1=true|u1",
      "log-level info",
      "process-ready 1",
      "propose-conf-change 1 transition=explicit|v2 u1",
    ]);
    expect(said.at(-2)).toBe("Ready MustSync=true:\nEntries:\n1/12 EntryConfChange u1\n");
    expect(said.at(-1)).toBe(
      "INFO 1 ignoring conf change transition:ConfChangeTransitionJointExplicit" +
        " changes:{type:ConfChangeAddNode node_id:2} changes:{type:ConfChangeUpdateNode node_id:1}" +
        " at config voters=(1): possible unapplied conf change at index 12 (applied to 11)\n",
    );
  });

  const removedLeader = [
    "campaign 1",
    "stabilize",
    "propose-conf-change 1 v1=true|r1",
    "process-ready 1",
    "deliver-msgs 2 3",
    "process-ready 2 3",
  ];

  test("a leader that is no member any more finds nothing about itself", () => {
    const said = answers([
      "log-level none",
      "add-nodes 3 voters=(1,2,3) index=10",
      ...removedLeader,
      "propose 1 late",
      "deliver-msgs 1",
      "log-level debug",
      "process-ready 1",
    ]);
    expect(said.at(-1)).toMatch(
      /INFO 1 switched to configuration voters=\(2 3\)\nDEBUG 1 no progress available for 1\n$/,
    );
  });

  test("with asynchronous writes its own answer comes from a stranger", () => {
    const said = answers([
      "log-level none",
      "add-nodes 3 voters=(1,2,3) index=10 async-storage-writes=true",
      ...removedLeader,
      "process-append-thread 1 2 3",
      "propose 1 late",
      "process-ready 1",
      "deliver-msgs 1",
      "process-ready 1",
      "process-apply-thread 1",
      "process-append-thread 1",
      "log-level debug",
      "deliver-msgs 1",
    ]);
    expect(said.at(-1)).toContain(
      "1->1 MsgAppResp Term:1 Log:0/13\nraft: cannot step as peer not found\n",
    );
  });
});
