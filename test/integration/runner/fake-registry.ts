// Stands in for the servers that take renewals: checks signatures and counters, and keeps what was said.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { signatureOf } from "../../../src/runner/sentinel/http-door.ts";
import type {
  RegisterRequest,
  RenewAnswer,
  RenewRequest,
  RunningJob,
} from "../../../src/runner/sentinel/protocol.ts";

interface Session {
  readonly request: RegisterRequest;
  alive: boolean;
  counter: number;
  latest: RenewRequest | undefined;
  released: Map<string, RunningJob>;
  sealedAndEmpty: boolean;
}

export class FakeRegistry {
  readonly sessions = new Map<number, Session>();
  readonly violations: string[] = [];
  /** False: requests are accepted and never answered, like a server without a majority. */
  answers = true;
  confirms = true;
  #nextSession = 101;
  readonly #server: Server = createServer((request, response) => this.#take(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get newest(): Session | undefined {
    return [...this.sessions.values()].at(-1);
  }

  get newestNumber(): number {
    return [...this.sessions.keys()].at(-1) ?? 0;
  }

  hasReleased(jobId: string, epoch: number): boolean {
    return [...this.sessions.values()].some((s) => s.released.has(`${jobId}/${epoch}`));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      if (!this.answers) return;
      const { status, answer } =
        request.url === "/v1/sentinel/register"
          ? this.#register(JSON.parse(body) as RegisterRequest)
          : this.#renew(body, String(request.headers["x-quorate-signature"]));
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    });
  }

  #register(request: RegisterRequest): { status: number; answer: unknown } {
    const session = this.#nextSession;
    this.#nextSession += 100;
    this.sessions.set(session, {
      ...{ request, alive: true, counter: 0, latest: undefined },
      ...{ released: new Map(), sealedAndEmpty: false },
    });
    return { status: 200, answer: { session } };
  }

  #renew(body: string, signature: string): { status: number; answer: unknown } {
    const request = JSON.parse(body) as RenewRequest;
    const session = this.sessions.get(request.session);
    if (session === undefined) return { status: 404, answer: {} };
    if (signature !== signatureOf(session.request.key, body)) {
      this.violations.push("bad signature");
      return { status: 403, answer: {} };
    }
    if (request.counter <= session.counter) return { status: 409, answer: {} };
    session.counter = request.counter;
    session.latest = request;
    for (const item of request.running) {
      const key = `${item.jobId}/${item.epoch}`;
      if (session.released.has(key)) this.violations.push(`${key} runs after its release`);
    }
    for (const item of request.released) session.released.set(`${item.jobId}/${item.epoch}`, item);
    if (request.sealed && request.running.length === 0) {
      session.alive = false;
      session.sealedAndEmpty = true;
    }
    const answer: RenewAnswer = {
      alive: session.alive,
      confirmed: this.confirms ? request.released : [],
      term: 1,
      servers: [this.address],
    };
    return { status: 200, answer };
  }
}
