// `{:process 0, :type :invoke, :f :append, :key "k", :value "v"}`: events of a map of texts.

import type { Operation } from "../../sim/checkers/linearizability/model.ts";
import type { TextInput, TextOutput } from "../../sim/checkers/linearizability/models/text.ts";
import { badLine, type Line, linesOf } from "./errors.ts";
import { Processes } from "./processes.ts";

// The part of EDN that these files use: a flat map from keywords to keywords, numbers, texts and nil.
const field = /\s*:([\w-]+)\s+(:[\w-]+|-?\d+|nil|"(?:[^"\\]|\\.)*")\s*,?/y;

type Fields = ReadonlyMap<string, string>;

function fieldsOf(line: Line): Fields {
  const body = /^\s*\{(.*)\}\s*$/.exec(line.text)?.[1];
  if (body === undefined) throw badLine(line, "this is not one map");
  const fields = new Map<string, string>();
  let at = 0;
  while (body.slice(at).trim() !== "") {
    field.lastIndex = at;
    const [whole, name, value] = field.exec(body) ?? [];
    if (whole === undefined || name === undefined || value === undefined) {
      throw badLine(line, `unreadable from column ${at + 2} on`);
    }
    fields.set(name, value);
    at += whole.length;
  }
  return fields;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function text(line: Line, fields: Fields, name: string): string {
  const value = fields.get(name);
  if (value?.startsWith('"') !== true) throw badLine(line, `":${name}" must be a text`);
  return value.slice(1, -1).replace(/\\(.)/g, (_, escaped: string) => escapes[escaped] ?? escaped);
}

function inputOf(line: Line, fields: Fields): TextInput {
  const kind = fields.get("f");
  if (kind === ":get") return { kind: "get" };
  if (kind === ":put") return { kind: "put", value: text(line, fields, "value") };
  if (kind === ":append") return { kind: "append", value: text(line, fields, "value") };
  throw badLine(line, '":f" must be :get, :put or :append');
}

function answer(processes: Processes<TextInput, TextOutput>, line: Line, fields: Fields): void {
  const input = inputOf(line, fields);
  const called = processes.end(line, fields.get("process") ?? "");
  const isSame = JSON.stringify(called.input) === JSON.stringify(input);
  if (!isSame || called.key !== text(line, fields, "key")) {
    throw badLine(line, "the process answers another operation than it called");
  }
  called.call.answered(
    input.kind === "get" ? { kind: "value", value: text(line, fields, "value") } : { kind: "done" },
  );
}

export function readEdnEvents(file: string, content: string): Operation<TextInput, TextOutput>[] {
  const processes = new Processes<TextInput, TextOutput>();
  for (const line of linesOf(file, content)) {
    const fields = fieldsOf(line);
    const process = fields.get("process");
    if (process === undefined) throw badLine(line, '":process" is missing');
    const type = fields.get("type");
    if (type === ":invoke") {
      const key = text(line, fields, "key");
      processes.invoke(line, process, { key, input: inputOf(line, fields) });
    } else if (type === ":ok") answer(processes, line, fields);
    else if (type === ":info") processes.abandon(process);
    else throw badLine(line, '":type" must be :invoke, :ok or :info');
  }
  return processes.operations();
}
