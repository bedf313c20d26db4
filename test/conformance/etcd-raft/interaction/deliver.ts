import { badArgument, toNumber } from "../datadriven/arguments.ts";
import type { Directive } from "../datadriven/parse.ts";
import { isTypeName, messageText, typeName } from "../wording/message.ts";
import type { Environment } from "./environment.ts";
import { isLocal, type WireMessage } from "./wire.ts";

interface Recipient {
  readonly id: number;
  readonly drop: boolean;
}

/** Messages for one recipient, of one type or of all. */
interface Selection extends Recipient {
  readonly type?: string | undefined;
}

/** deliver-msgs: delivers to the bare numbers, loses what is for the numbers of `drop=`. */
export function deliverMessages(environment: Environment, directive: Directive): undefined {
  const recipients: Recipient[] = [];
  let type: string | undefined;
  for (const { key, values } of directive.args) {
    if (values.length === 0) recipients.push({ id: toNumber(directive, key), drop: false });
    for (const value of values) {
      if (key === "type") {
        if (!isTypeName(value)) throw badArgument(directive, `unknown message type ${value}`);
        type = value;
      } else if (key === "drop") {
        const id = toNumber(directive, value);
        if (recipients.some((recipient) => recipient.id === id)) {
          throw badArgument(directive, `${id} is delivered to and dropped for`);
        }
        recipients.push({ id, drop: true });
      }
    }
  }
  let handled = 0;
  for (const recipient of recipients) handled += deliver(environment, { ...recipient, type });
  if (handled === 0) environment.output.write("no messages\n");
  return undefined;
}

/** How many messages were delivered or lost. */
export function deliver(environment: Environment, selection: Selection): number {
  const { output } = environment;
  const due = selected(environment, selection);
  environment.messages = environment.messages.filter((message) => !due.includes(message));
  for (const message of due) {
    output.write(`${selection.drop ? "dropped: " : ""}${messageText(message)}\n`);
    if (selection.drop) continue;
    const server = environment.servers[message.to - 1];
    if (server === undefined) throw new RangeError(`there is no server ${message.to}`);
    environment.deliver(server, message);
  }
  return due.length;
}

export function selected(environment: Environment, selection: Selection): WireMessage[] {
  const { id, drop, type } = selection;
  return environment.messages.filter(
    (message) =>
      message.to === id &&
      !(drop && isLocal(message)) &&
      (type === undefined || typeName(message.kind) === type),
  );
}
