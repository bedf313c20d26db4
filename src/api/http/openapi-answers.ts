// What the routes' schemas cannot say to the maker of /openapi.json: answers, the problem document of every refusal,
// and a name for the rest of a path.
import { answerSchemas } from "../grpc/answer-schemas.ts";
import { problemSchema, problemType } from "./problem.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
}
interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
}
type PathItem = Readonly<Record<string, Operation>>;
interface Document {
  readonly paths?: Readonly<Record<string, PathItem>>;
  readonly components?: { readonly schemas?: object };
}

const json = (schema: object): object => ({ "application/json": { schema } });
const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
const bytes = { "application/octet-stream": { schema: { type: "string", format: "binary" } } };
const problem = {
  description: "Refused or failed: what, and what to do",
  content: { [problemType]: { schema: ref("Problem") } },
};
const live = { type: "object", properties: { live: { type: "boolean" } }, required: ["live"] };
const ready = {
  type: "object",
  properties: { ready: { type: "boolean" }, text: { type: "string" } },
  required: ["ready", "text"],
};

/** Answers of the routes that are not a call's message. */
const ownAnswers: Readonly<Record<string, object>> = {
  IsLive: { 200: { description: "It answers", content: json(live) } },
  IsReady: {
    200: { description: "It can do its job", content: json(ready) },
    503: { description: "It cannot yet", content: json(ready) },
  },
  Download: {
    200: { description: "The file", content: bytes },
    206: { description: "The part of it that `range` asks for", content: bytes },
    304: { description: "The caller has it already" },
  },
};

/** The key is all of the path behind /v1/kv/, slashes included. */
const keyNamed = (path: string): string => path.replace("{*}", "{key}");

/** The document with answers; for every operation of the one that was made from the routes. */
export function withAnswers(made: object): object {
  const document: Document = made;
  const { components, answers } = answerSchemas();
  const completed = (operation: Operation): object => {
    const { operationId = "", tags: [tag = ""] = [], parameters } = operation;
    const answer = answers.get(`${tag}.${operationId}`);
    const content = json(answer === undefined ? { type: "object" } : ref(answer));
    const own = ownAnswers[operationId] ?? { 200: { description: "Done", content } };
    const named = parameters?.map((each) =>
      each.name === "*"
        ? { ...each, name: "key", description: "Its slashes may stay as they are" }
        : each,
    );
    const rest = named === undefined ? {} : { parameters: named };
    return { ...operation, ...rest, responses: { ...own, default: problem } };
  };
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [
    keyNamed(path),
    Object.fromEntries(
      Object.entries(item).map(([method, operation]) => [method, completed(operation)]),
    ),
  ]);
  const schemas = { ...document.components?.schemas, ...components, Problem: problemSchema };
  return {
    ...document,
    paths: Object.fromEntries(paths) as object,
    components: { ...document.components, schemas },
  };
}
