// The description of the routes, held against the routes: a client that is made from it must work.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allCalls } from "../../../src/api/calls/all.ts";
import { Single } from "./single.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}
interface Schema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Content {
  readonly [type: string]: { readonly schema: Schema & { readonly $ref?: string } };
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What is wrong with the description, in words. */
function faults(document: Document): string[] {
  const found: string[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name).sort();
    for (const { operationId, parameters = [], responses } of Object.values(item)) {
      const said = parameters.filter((each) => each.in === "path");
      const names = said.map(({ name }) => name).sort();
      if (names.join() !== inPath.join()) found.push(`${operationId}: ${names.join()} in ${path}`);
      if (!inPath.every((name) => /^[A-Za-z]+$/.test(name))) found.push(`${operationId}: ${path}`);
      if (!said.every(({ required }) => required === true)) found.push(`${operationId}: optional`);
      const refusal = responses["default"]?.content?.["application/problem+json"]?.schema.$ref;
      if (refusal !== "#/components/schemas/Problem") found.push(`${operationId}: no problem`);
      if (responses["200"]?.content === undefined) found.push(`${operationId}: no answer`);
    }
  }
  const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
  for (const [, name = ""] of refs) {
    if (!(name in document.components.schemas)) found.push(`${name} is not described`);
  }
  return found;
}

let server: Single;
let document: Document;
beforeAll(async () => {
  server = await (await new Single().open()).admit();
  document = (await server.json("GET", "/openapi.json")).body as unknown as Document;
});
afterAll(() => server.close());

const operations = (): readonly (readonly [string, string, Operation])[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, one]) => [method, path, one] as const),
  );
const bodyOf = ({ requestBody }: Operation): Schema =>
  requestBody?.content["application/json"]?.schema ?? {};

describe("/openapi.json", () => {
  test("names every parameter of a path, and has an answer and the refusal of every operation", () => {
    expect(operations().length).toBeGreaterThan(allCalls.filter(({ http }) => http).length);
    expect(faults(document)).toEqual([]);
  });

  test("is held against that: faults are found", () => {
    const one: Operation = {
      operationId: "X",
      parameters: [{ name: "*", in: "path", schema: {} }],
      responses: {
        200: { content: { "text/plain": { schema: { $ref: "#/components/schemas/Y" } } } },
      },
    };
    const bad = { paths: { "/a/{*}": { get: one } }, components: { schemas: {} } };
    expect(faults(bad)).toEqual([
      "X: /a/{*}",
      "X: optional",
      "X: no problem",
      "Y is not described",
    ]);
    const unnamed = { paths: { "/a/{b}": { get: one } }, components: { schemas: {} } };
    expect(faults(unnamed)[0]).toBe("X: * in /a/{b}");
  });

  test("requires of a body only what the server refuses to do without", async () => {
    const required = operations().flatMap(([method, path, operation]) =>
      (bodyOf(operation).required ?? []).map((field) => `${method} ${path} ${field}`),
    );
    expect(required.sort()).toEqual([
      "post /v1/jobs name",
      "post /v1/jobs spec",
      "post /v1/sentinel/register incarnation",
      "post /v1/sentinel/register key",
      "post /v1/sentinel/register leaseMs",
      "post /v1/sentinel/register serverId",
      "post /v1/servers peerAddress",
      "put /v1/jobs/{job} spec",
      "put /v1/servers/{serverId}/state state",
    ]);
    const spec = bodyOf(document.paths["/v1/jobs"]!["post"]!).properties?.["spec"];
    expect(spec?.required).toBeUndefined();
    const least = { name: "least", spec: { command: { command: ["true"] } } };
    expect((await server.json("POST", "/v1/jobs", least)).status).toBe(200);
    for (const line of required) {
      const [method = "", path = "", field = ""] = line.split(" ");
      if (!path.startsWith("/v1/sentinel/")) {
        const url = path.replace("{job}", "least").replace("{serverId}", "s1");
        const { status } = await server.json(method.toUpperCase(), url, {});
        expect([line, status]).toEqual([`${method} ${path} ${field}`, 400]);
      }
    }
  });

  test("describes answers as they are", async () => {
    const { schemas } = document.components;
    const answer = (await server.json("GET", "/v1/jobs")).body;
    const [job] = answer["jobs"] as [Record<string, unknown>];
    const known = schemas["quorate.job.v1.Job"]?.properties ?? {};
    expect(Object.keys(job).filter((name) => !(name in known))).toEqual([]);
    const status = (await server.json("GET", "/v1/status")).body;
    const fields = schemas["quorate.admin.v1.GetStatusResponse"]?.properties ?? {};
    expect(Object.keys(status).filter((name) => !(name in fields))).toEqual([]);
    const problem = (await server.json("GET", "/v1/kv/nothing")).body;
    expect(Object.keys(schemas["Problem"]?.properties ?? {})).toEqual(Object.keys(problem));
  });
});
