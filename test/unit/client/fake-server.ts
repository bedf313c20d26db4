// A gRPC server that answers as a test says: every call is noted, handed to the behaviour of its method, and answered,
// refused with a coded error, or left without an answer.
import { createConnection, createServer, type Socket, type Server as TcpServer } from "node:net";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { type ErrorKind, QuorateError } from "../../../src/base/errors.ts";
import { serviceMethods } from "../../../src/client/protocol.ts";

/** Answers without our trailer, as a connection that breaks does. */
export class Silence extends Error {
  readonly code: status;
  constructor(code: status = status.UNAVAILABLE) {
    super(status[code]);
    this.code = code;
  }
}

export function refusal(
  kind: ErrorKind,
  code = `QUORATE_TEST_${kind.toUpperCase()}`,
): QuorateError {
  return new QuorateError({
    code,
    kind,
    message: `it is ${kind}`,
    help: "do that",
    fields: { a: 1 },
  });
}

function serviceError(thrown: unknown): Partial<ServiceError> {
  if (thrown instanceof Silence) return { code: thrown.code, details: "nothing coded" };
  const metadata = new Metadata();
  if (thrown instanceof QuorateError) {
    metadata.set("quorate-error-bin", Buffer.from(JSON.stringify(thrown.toRecord())));
  }
  return { code: status.ABORTED, details: "coded", metadata };
}

export type Message = Readonly<Record<string, unknown>>;

/** A message of an upload. */
export interface UploadPart {
  readonly header?: unknown;
  readonly data?: Buffer;
}

export interface NotedCall {
  readonly method: string;
  readonly request: Message;
  readonly actor: string;
  readonly deadlineMs: number;
}

type Behaviour = (request: Message, nth: number) => unknown;
export type UploadBehaviour = (parts: AsyncIterable<UploadPart>) => Promise<unknown>;
export type DownloadBehaviour = (request: Message) => AsyncIterable<unknown>;

export class FakeServer {
  readonly calls: NotedCall[] = [];
  readonly #server = new Server();
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #sockets = new Set<Socket>();
  #front: TcpServer | undefined;
  #port = 0;
  cancelled = 0;
  onUpload: UploadBehaviour = async () => ({});
  onDownload: DownloadBehaviour = async function* () {};

  get address(): string {
    return `127.0.0.1:${String(this.#port)}`;
  }

  on(method: string, behaviour: Behaviour): this {
    this.#behaviours.set(method, behaviour);
    return this;
  }

  of(method: string): NotedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  async start(): Promise<this> {
    for (const name of ["admin", "registry", "resource", "job"] as const) {
      const service = serviceMethods(name);
      const handlers = Object.keys(service).map(
        (method) => [method, this.#handler(method)] as const,
      );
      this.#server.addService(service, Object.fromEntries(handlers));
    }
    const inner = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
    await this.#listen(inner);
    return this;
  }

  /** The connections break, as when a machine is switched off; new ones are accepted. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.forceShutdown();
    const front = this.#front;
    if (front !== undefined) await new Promise((resolve) => front.close(resolve));
  }

  async #listen(inner: number): Promise<void> {
    const front = createServer((socket) => {
      const back = createConnection(inner, "127.0.0.1");
      for (const end of [socket, back]) {
        this.#sockets.add(end);
        end.on("error", () => end.destroy());
        end.on("close", () => {
          this.#sockets.delete(end);
          socket.destroy();
          back.destroy();
        });
      }
      socket.pipe(back).pipe(socket);
    });
    this.#front = front;
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    const bound = front.address();
    this.#port = typeof bound === "object" && bound !== null ? bound.port : 0;
  }

  #handler(method: string): UntypedHandleCall {
    if (method === "Upload") return this.#upload();
    if (method === "Download") return this.#download();
    return (call: ServerUnaryCall<Message, unknown>, answer: sendUnaryData<unknown>) => {
      void (async () => {
        try {
          const nth = this.of(method).length;
          this.#note(method, call.request, call);
          answer(null, (await this.#behaviours.get(method)?.(call.request, nth)) ?? {});
        } catch (error) {
          answer(serviceError(error));
        }
      })();
    };
  }

  #note(
    method: string,
    request: Message,
    call: { readonly metadata: Metadata; getDeadline(): Date | number },
  ): void {
    const [actor = ""] = call.metadata.get("quorate-actor");
    const deadlineMs = Number(call.getDeadline()) - Date.now();
    this.calls.push({ method, request, actor: String(actor), deadlineMs });
  }

  #upload(): UntypedHandleCall {
    return (call: ServerReadableStream<UploadPart, unknown>, answer: sendUnaryData<unknown>) => {
      call.on("cancelled", () => {
        this.cancelled += 1;
      });
      this.#note("Upload", {}, call);
      this.onUpload(call as AsyncIterable<UploadPart>).then(
        (value) => answer(null, value),
        (error: unknown) => answer(serviceError(error)),
      );
    };
  }

  #download(): UntypedHandleCall {
    return (call: ServerWritableStream<Message, unknown>) => {
      call.on("cancelled", () => {
        this.cancelled += 1;
      });
      this.#note("Download", call.request, call);
      void (async () => {
        try {
          for await (const message of this.onDownload(call.request)) {
            if (call.cancelled) return;
            call.write(message);
          }
          call.end();
        } catch (error) {
          call.emit("error", serviceError(error));
        }
      })();
    };
  }
}

const waitMsMax = 10_000;

/** Waits for a level, with a bound. */
export async function until(holds: () => boolean): Promise<void> {
  const lateMs = Date.now() + waitMsMax;
  while (!holds()) {
    if (Date.now() > lateMs) throw new Error("it did not come to hold");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
