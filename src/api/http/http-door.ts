// The public HTTP door: REST from the table of calls, files as plain bytes, health for load balancers, and the side
// door of the sentinels.
import type { AddressInfo } from "node:net";
import swagger from "@fastify/swagger";
import fastify, { type FastifyInstance, type RouteShorthandOptions } from "fastify";
import { allCalls } from "../calls/all.ts";
import { apiErrors } from "../errors.ts";
import { hostAndPort, listenFailed } from "../listen.ts";
import { readiness } from "../ready.ts";
import type { Door, DoorModules, DoorOptions } from "../services.ts";
import { refuseBroken } from "./broken-request.ts";
import { described } from "./openapi.ts";
import { withAnswers } from "./openapi-answers.ts";
import { codedHttp, sendProblem } from "./problem.ts";
import { addRoutes } from "./routes.ts";
import { addSentinelRoutes } from "./sentinel-routes.ts";
import { addTransfers } from "./transfers.ts";

/** JSON and raw bodies; files are streamed and have their own limit. */
const bodyBytesMax = 8 * 1024 * 1024;
/** Job and resource names with their namespaces, percent-encoded; what is longer has no route. */
const paramCharsMax = 1024;
/** How long requests under way may take at a stop before their connections are cut. */
const stopMs = 500;

export class HttpDoor implements Door {
  readonly #options: DoorOptions;
  readonly #modules: DoorModules;
  #app: FastifyInstance | undefined;
  #port = 0;
  #stopping: Promise<void> | undefined;

  constructor(options: DoorOptions, modules: DoorModules) {
    this.#options = options;
    this.#modules = modules;
  }

  get address(): string {
    return hostAndPort({ host: this.#options.host, port: this.#port });
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    const app = fastify({
      bodyLimit: bodyBytesMax,
      logger: false,
      forceCloseConnections: "idle",
      routerOptions: { maxParamLength: paramCharsMax },
      clientErrorHandler: refuseBroken,
      // Refusals from before a route is found, e.g. of a path that cannot be decoded.
      frameworkErrors: (thrown, _request, reply) => {
        void sendProblem(reply, codedHttp(thrown));
      },
    });
    this.#app = app;
    await this.#compose(app);
    try {
      await app.listen({ host, port });
    } catch (cause) {
      throw listenFailed("HTTP", this.#options, cause);
    }
    this.#port = (app.server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #compose(app: FastifyInstance): Promise<void> {
    this.#answerErrors(app);
    await app.register(swagger, {
      openapi: { openapi: "3.1.0", info: { title: "Quorate", version: "1" } },
    });
    // Each group of routes reads bodies its own way: JSON, a stream of bytes, or the exact bytes.
    await app.register((json, _options, done) => {
      addRoutes(
        json,
        allCalls.filter(({ http }) => http?.rawBody === undefined),
        this.#modules,
      );
      done();
    });
    await app.register((raw, _options, done) => {
      raw.removeAllContentTypeParsers();
      raw.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, parsed) => {
        parsed(null, body);
      });
      addRoutes(
        raw,
        allCalls.filter(({ http }) => http?.rawBody !== undefined),
        this.#modules,
      );
      addSentinelRoutes(raw, this.#modules);
      done();
    });
    await app.register((files, _options, done) => {
      files.removeAllContentTypeParsers();
      files.addContentTypeParser("*", (_request, payload, parsed) => {
        parsed(null, payload);
      });
      addTransfers(files, this.#modules);
      done();
    });
    this.#addHealth(app);
  }

  #answerErrors(app: FastifyInstance): void {
    app.setErrorHandler(async (thrown, request, reply) => {
      const error = codedHttp(thrown);
      if (error.kind === "internal") {
        const cause = error.cause instanceof Error ? error.cause.stack : undefined;
        this.#modules.logger.error(
          { url: request.url, message: error.message, cause },
          "call failed by a defect",
        );
      }
      await sendProblem(reply, error);
    });
    app.setNotFoundHandler(async (request, reply) => {
      await sendProblem(
        reply,
        apiErrors.NO_SUCH_ROUTE(`${request.method} ${request.url} does not exist`),
      );
    });
  }

  #addHealth(app: FastifyInstance): void {
    const route = (operationId: string, summary: string): RouteShorthandOptions =>
      described({ operationId, summary, tag: "health" });
    app.get(
      "/livez",
      route("IsLive", "200 as long as the server process answers"),
      async (_request, reply) => await reply.send({ live: true }),
    );
    const ready = route("IsReady", "200 when this server can do its job, else 503 with the reason");
    app.get("/readyz", ready, async (_request, reply) => {
      const answer = readiness(this.#modules.services());
      return await reply.code(answer.ready ? 200 : 503).send(answer);
    });
    let document: object | undefined;
    app.get(
      "/openapi.json",
      { schema: { hide: true } },
      async (_request, reply) => await reply.send((document ??= withAnswers(app.swagger()))),
    );
  }

  async #stop(): Promise<void> {
    const app = this.#app;
    if (app === undefined) return;
    const late = setTimeout(() => {
      app.server.closeAllConnections();
    }, stopMs);
    await app.close();
    clearTimeout(late);
  }
}
