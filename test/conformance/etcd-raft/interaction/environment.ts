// The servers of one transcript, the messages under way between them, and what is done with both.

import { LogLines } from "../wording/log-lines.ts";
import { messageText } from "../wording/message.ts";
import { readyText } from "../wording/ready.ts";
import type { ServerOptions } from "./options.ts";
import { Output } from "./output.ts";
import { proposeOn } from "./propose.ts";
import type { Ready } from "./ready.ts";
import { Server } from "./server.ts";
import type { ReadyMessage, WireMessage } from "./wire.ts";

export class Environment {
  readonly output: Output = new Output();
  readonly servers: Server[] = [];
  /** Under way, oldest first. */
  messages: WireMessage[] = [];

  addServer(options: ServerOptions): void {
    const number = this.servers.length + 1;
    this.servers.push(new Server(number, options, new LogLines(this.output)));
  }

  /** A string is the original's complaint, here and below. */
  processReady(server: Server): string | undefined {
    const ready = server.handout.take();
    this.output.write(readyText(ready));
    const complaint = server.asynchronous ? undefined : this.#write(server, ready);
    if (complaint !== undefined) return complaint;
    for (const message of ready.messages) this.#send(server, message);
    if (!server.asynchronous) server.advance();
    return undefined;
  }

  #write(server: Server, ready: Ready): string | undefined {
    const complaint = server.persist(ready);
    if (complaint === undefined) server.apply(ready.committed);
    return complaint;
  }

  #send(server: Server, message: ReadyMessage): void {
    if (message.kind === "storage-append") server.appendWork.push(message);
    else if (message.kind === "storage-apply") server.applyWork.push(message);
    else this.messages.push(message);
  }

  processAppendThread(server: Server): string | undefined {
    const work = server.appendWork.shift();
    if (work === undefined) {
      this.output.write("no append work to perform");
      return undefined;
    }
    this.#print("Processing", [{ ...work, responses: [] }]);
    const complaint = server.persist(work);
    if (complaint !== undefined) return complaint;
    this.#print("Responses", work.responses);
    this.messages.push(...work.responses);
    return undefined;
  }

  processApplyThread(server: Server): string | undefined {
    const work = server.applyWork.shift();
    if (work === undefined) {
      this.output.write("no apply work to perform");
      return undefined;
    }
    this.#print("Processing", [{ ...work, responses: [] }]);
    server.apply(work.entries);
    this.#print("Responses", work.responses);
    this.messages.push(...work.responses);
    return undefined;
  }

  #print(title: string, messages: readonly ReadyMessage[]): void {
    this.output.write(`${title}:\n`);
    for (const message of messages) this.output.write(`${messageText(message)}\n`);
  }

  /** Hands `message` to `server`, and writes the original's complaint if there is one. */
  deliver(server: Server, message: WireMessage): void {
    const complaint =
      message.kind === "proposal"
        ? proposeOn(server, message.entry, this.output)
        : server.step(message);
    if (complaint !== undefined) this.output.write(`${complaint}\n`);
  }
}
