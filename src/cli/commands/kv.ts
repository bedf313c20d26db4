import { buffer } from "node:stream/consumers";
import type { Command } from "commander";
import type { KvCondition } from "../../client/kv.ts";
import type { CliContext } from "../context.ts";
import { utf8Text } from "../document.ts";
import { cliErrors } from "../errors.ts";
import { shellWord } from "../names.ts";
import { type Input, noun, type Runner, verb } from "../run.ts";
import { wholeNumber } from "../settings.ts";

/** Longer values are shown cut in a table; `kv get` prints them whole. */
const valueCharsShown = 60;
/** Keys of one page. */
const listMax = 1000;

interface ConditionFlags {
  readonly ifAbsent?: boolean;
  readonly ifRevision?: string;
  readonly ifValue?: string;
}

interface ReadFlags {
  readonly stale?: boolean;
}

interface ListFlags extends ReadFlags {
  readonly after?: string;
  readonly limit?: string;
}

interface KeyValue {
  readonly key: string;
  readonly value: Buffer;
}

const withText = (kv: KeyValue): object => {
  const valueText = utf8Text(kv.value);
  return valueText === undefined ? kv : { ...kv, valueText };
};

function excerpt(value: Buffer): string {
  const text = utf8Text(value);
  if (text === undefined) return `(${String(value.length)} bytes)`;
  return text.length > valueCharsShown ? `${text.slice(0, valueCharsShown)}…` : text;
}

function condition(flags: ConditionFlags): KvCondition | undefined {
  const { ifAbsent = false, ifRevision, ifValue } = flags;
  const given = [ifAbsent, ifRevision !== undefined, ifValue !== undefined].filter(Boolean);
  if (given.length > 1) throw cliErrors.USAGE("give at most one condition");
  if (ifAbsent) return { absent: true };
  if (ifRevision !== undefined) {
    return { revision: wholeNumber("--if-revision", ifRevision, Number.MAX_SAFE_INTEGER) };
  }
  return ifValue === undefined ? undefined : { value: Buffer.from(ifValue) };
}

const conditionOptions = (command: Command): Command =>
  command
    .option("--if-revision <n>", "only if the key's revision is this")
    .option("--if-value <text>", "only if the key's value is this");

async function put(context: CliContext, { words, flags }: Input<ConditionFlags>): Promise<void> {
  const [key = "", typed = ""] = words;
  const only = condition(flags);
  const value = typed === "-" ? await buffer(context.stdin) : Buffer.from(typed);
  const { kv } = await context.client();
  const answer = await kv.put(key, value, only === undefined ? {} : { condition: only });
  await context.answer({ key, ...answer }, () => ({
    head: ["KEY", "REVISION", "VERSION"],
    rows: [[key, answer.revision, answer.version]],
    right: [1, 2],
  }));
}

async function get(context: CliContext, { words, flags }: Input<ReadFlags>): Promise<void> {
  const [key = ""] = words;
  const { kv } = await context.client();
  const answer = await kv.get(key, { stale: flags.stale === true });
  if (context.isJson) await context.document(withText(answer));
  else await context.bytes(answer.value);
}

async function remove(context: CliContext, { words, flags }: Input<ConditionFlags>): Promise<void> {
  const [key = ""] = words;
  const only = condition(flags);
  const { kv } = await context.client();
  const answer = await kv.delete(key, only === undefined ? {} : { condition: only });
  await context.answer({ key, ...answer }, () => ({
    head: ["KEY", "EXISTED", "REVISION"],
    rows: [[key, answer.existed, answer.revision]],
    right: [2],
  }));
}

async function list(context: CliContext, { words, flags }: Input<ListFlags>): Promise<void> {
  const [prefix = ""] = words;
  const { after = "", limit = String(listMax), stale: isStale = false } = flags;
  const options = { stale: isStale, after, limit: wholeNumber("--limit", limit, listMax) };
  const { kv } = await context.client();
  const { kvs, revision, more } = await kv.list(prefix, options);
  await context.answer({ kvs: kvs.map(withText), revision, more }, () => ({
    head: ["KEY", "REVISION", "VERSION", "VALUE"],
    rows: kvs.map((kv) => [kv.key, kv.modifiedRevision, kv.version, excerpt(kv.value)]),
    right: [1, 2],
  }));
  const last = kvs.at(-1);
  if (more && last !== undefined) {
    await context.say(`there are more keys: go on with --after=${shellWord(last.key)}`);
  }
}

const stale = (command: Command): Command =>
  command.option("--stale", "answer from one server's copy, without asking the leader");

export function kvCommand(run: Runner): Command {
  return noun("kv", "a small replicated key-value store", [
    verb<ConditionFlags>(
      {
        name: "put",
        text: "write a key, durable on a majority when it returns",
        args: [
          ["<key>", "1 to 512 bytes"],
          ["<value>", "the text, or - for stdin (up to 64 KiB)"],
        ],
        examples: [
          ["quorate kv put config/limit 20", "Write a key."],
          ["quorate kv put lock/etl worker-7 --if-absent", "Only if nobody has (exit 6 if so)."],
          ["quorate kv put config/file - < config.yaml", "The value from a file."],
        ],
        options: (command) =>
          conditionOptions(command.option("--if-absent", "only if the key does not exist")),
        action: put,
      },
      run,
    ),
    verb<ReadFlags>(
      {
        name: "get",
        text: "print a key's value, exactly as it was written",
        args: [["<key>", ""]],
        examples: [
          ["quorate kv get config/limit", "Print the value (exit 5 if there is none)."],
          ["quorate kv get config/limit -o json", "With its revision and version."],
        ],
        options: stale,
        action: get,
      },
      run,
    ),
    verb<ConditionFlags>(
      {
        name: "delete",
        text: "delete a key",
        args: [["<key>", ""]],
        examples: [["quorate kv delete lock/etl --if-value worker-7", "Only what is one's own."]],
        options: conditionOptions,
        action: remove,
      },
      run,
    ),
    verb<ListFlags>(
      {
        name: "list",
        text: "list keys in order, a page of at most 1000 at a time",
        args: [["[prefix]", "only keys that begin so"]],
        examples: [
          ["quorate kv list config/", "What is below config/; says if there is more."],
          ["quorate kv list config/ --after config/limit", "The page behind config/limit."],
        ],
        options: (command) =>
          stale(command)
            .option("--after <key>", "only keys behind this one")
            .option("--limit <n>", "1 to 1000 (default 1000)"),
        action: list,
      },
      run,
    ),
  ]);
}
