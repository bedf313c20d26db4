// What a command is handed: its settings, a client that is opened when first asked for, and ways to print.
import type { Readable } from "node:stream";
import type { CliClient, Connect } from "./client.ts";
import { documentText } from "./document.ts";
import type { Settings } from "./settings.ts";
import { type TableSource, tableText } from "./table.ts";
import { type Colours, coloursFor, type OutStream, shown, write } from "./terminal.ts";

export interface ContextModules {
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  readonly stdin: Readable;
  readonly connect: Connect;
  /** Aborts when nobody reads stdout any more. */
  readonly closed: AbortSignal;
}

export class CliContext {
  readonly settings: Settings;
  readonly #modules: ContextModules;
  #client: CliClient | undefined;

  constructor(settings: Settings, modules: ContextModules) {
    this.settings = settings;
    this.#modules = modules;
  }

  get isJson(): boolean {
    return this.settings.output === "json";
  }

  get stderr(): OutStream {
    return this.#modules.stderr;
  }

  get stdin(): Readable {
    return this.#modules.stdin;
  }

  get closed(): AbortSignal {
    return this.#modules.closed;
  }

  async client(): Promise<CliClient> {
    const { addresses, actor, timeoutMs } = this.settings;
    this.#client ??= await this.#modules.connect({
      addresses,
      actor,
      ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs, transferDeadlineMs: timeoutMs }),
    });
    return this.#client;
  }

  close(): void {
    this.#client?.close();
  }

  /** Colours of what goes to stdout. */
  colours(): Promise<Colours> {
    return coloursFor(this.#modules.stdout, this.settings);
  }

  /** Data, as it is. */
  async data(bytes: string | Uint8Array): Promise<void> {
    await write(this.#modules.stdout, bytes);
  }

  /** Bytes exactly as they are; on a terminal the prompt begins on a line of its own. */
  async bytes(value: Uint8Array): Promise<void> {
    await this.data(value);
    if (this.#modules.stdout.isTTY === true && value.at(-1) !== 0x0a) await this.data("\n");
  }

  /** One line of data with nothing in it that a terminal would obey but our own colours. */
  async line(text: string): Promise<void> {
    await this.data(`${text}\n`);
  }

  async document(value: unknown): Promise<void> {
    await this.data(documentText(value));
  }

  async table(source: TableSource): Promise<void> {
    const { bold } = await this.colours();
    const { hasHeaders } = this.settings;
    await this.data(await tableText(source, { hasHeaders, heading: bold }));
  }

  /** The answer as a document, or as a table made of it. */
  async answer(value: unknown, source: () => TableSource): Promise<void> {
    if (this.isJson) await this.document(value);
    else await this.table(source());
  }

  /** Talk: what happened, for a person. Not printed with `-o json`. */
  async say(text: string): Promise<void> {
    if (!this.isJson) await write(this.#modules.stderr, `${shown(text)}\n`);
  }
}
