// The confchange suite: the rules of membership changes alone. Every command counts as one more log entry, so
// that the `next` of a new peer tells when it came.
import { QuorateError } from "../../../src/base/errors.ts";
import { type Index, noIndex, plus } from "../../../src/base/numbers.ts";
import {
  type ChangeResult,
  enterJoint,
  leaveJoint,
  simpleChange,
} from "../../../src/raft/membership/changer.ts";
import { Tracker } from "../../../src/raft/tracker.ts";
import type { MembershipStep } from "../../../src/raft/types.ts";
import { conformanceErrors } from "../errors.ts";
import { toBoolean } from "./datadriven/arguments.ts";
import type { Directive } from "./datadriven/parse.ts";
import { parseChanges, toSteps } from "./wording/conf-change.ts";
import { configText, progressMapText } from "./wording/state.ts";

const inflightMax = 10;

/** Answers the directives of one file, in order. */
export function confchangeSuite(): (directive: Directive) => string {
  const limits = { messages: inflightMax, bytes: Number.MAX_SAFE_INTEGER };
  const tracker = new Tracker({ limits, progressIds: false });
  let lastIndex: Index = noIndex;
  return (directive) => {
    const at = lastIndex;
    lastIndex = plus(lastIndex, 1);
    const changes = parseChanges(directive.input);
    if (typeof changes === "string") return changes;
    try {
      tracker.change(change(tracker, directive, toSteps(changes)), at);
    } catch (error) {
      if (!(error instanceof QuorateError) || !isRefusal(error)) throw error;
      return `${error.message}\n`;
    }
    const progress = [...tracker.progress].map(([peer, each]) => [peer, each.view()] as const);
    return `${configText(tracker.configuration)}\n${progressMapText(progress)}`;
  };
}

function isRefusal({ code }: QuorateError): boolean {
  return code === "QUORATE_RAFT_MEMBERSHIP_INVALID";
}

function change(
  { configuration }: Tracker,
  directive: Directive,
  steps: readonly MembershipStep[],
): ChangeResult {
  const { command, args, line } = directive;
  switch (command) {
    case "simple":
      return simpleChange(configuration, steps);
    case "enter-joint": {
      const value = args.find(({ key }) => key === "autoleave")?.values[0] ?? "false";
      return enterJoint(configuration, { steps, autoLeave: toBoolean(directive, value) });
    }
    case "leave-joint":
      if (steps.length > 0) {
        throw conformanceErrors.BAD_ARGUMENT(`line ${line}: ${command} takes no input`);
      }
      return leaveJoint(configuration);
    default:
      throw conformanceErrors.UNKNOWN_DIRECTIVE(`line ${line}: ${command} is no command`);
  }
}
