// A client of the resource center: it uploads small files, reads them back and deletes them. Half of its uploads go step
// by step, with pauses, and sometimes ask for the commit before anybody can have the bytes.
import { createHash } from "node:crypto";
import { QuorateError } from "../../src/base/errors.ts";
import { between, type Random } from "../../src/base/random.ts";
import type { Committed, ProposeOptions } from "../../src/replica/contract.ts";
import type { ReplicaServer } from "../../src/replica/replica-server.ts";
import type { Command } from "../../src/state/commands.ts";
import { codeOf } from "./outcome.ts";
import { betweenFine, chance, pick, splitRandom } from "./random.ts";
import type { SimServer } from "./server.ts";
import type { World } from "./world.ts";

const half = 500_000;
const deadlineMs = 4000;
/** Now and then a file has two chunks. */
const largeBytes = 300_000;
const namespace = "sim";
const names = ["a", "b", "c"] as const;
const commitAttemptsMax = 6;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

export class SimUploader {
  readonly #name: string;
  readonly #world: World;
  readonly #random: Random;
  #count = 0;
  #isStopped = false;

  constructor(name: string, world: World) {
    this.#name = name;
    this.#world = world;
    this.#random = splitRandom(world.plan.seed, `uploader ${name}`);
  }

  start(): void {
    void this.#run();
  }

  /** No further operation; one under way still ends. */
  stop(): void {
    this.#isStopped = true;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#pause(200, 1500);
      const server = pick(this.#random, this.#world.up());
      if (server === undefined) continue;
      const dice = between(this.#random, 0, 100);
      if (dice < 30) await this.#upload(server);
      else if (dice < 50) await this.#uploadByHand(server);
      else if (dice < 60) await this.#delete(server);
      else await this.#download(server);
    }
  }

  #pause(minMs: number, maxMs: number): Promise<void> {
    const pauseMs = betweenFine(this.#random, minMs, maxMs);
    return new Promise((resolve) => {
      this.#world.schedule.after(pauseMs, undefined, resolve);
    });
  }

  /** Undefined = no answer, or a refusal. */
  #ask<T>(server: SimServer, run: (replica: ReplicaServer) => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const settle = (answer: T | undefined): void => {
        cancel();
        forget();
        resolve(answer);
      };
      const cancel = this.#world.schedule.after(2 * deadlineMs, undefined, () => {
        settle(undefined);
      });
      const forget = server.process.onEnd(() => {
        settle(undefined);
      });
      server.enter((replica) => {
        run(replica).then(settle, (thrown: unknown) => {
          server.note(`tells ${this.#name}: ${codeOf(thrown)}`);
          if (!(thrown instanceof QuorateError)) {
            const detail = `${this.#name} was told: ${String(thrown)}`;
            this.#world.report({ checker: "no-defects", detail });
          }
          settle(undefined);
        });
      });
    });
  }

  #bytes(): Uint8Array {
    this.#count += 1;
    const size = chance(this.#random, 50_000) ? largeBytes : between(this.#random, 1, 2000);
    const bytes = new Uint8Array(size).fill(this.#count);
    new TextEncoder().encodeInto(`${this.#name} ${this.#count}`, bytes);
    return bytes;
  }

  #nameOfFile(): string {
    return pick(this.#random, names) ?? "a";
  }

  async #upload(server: SimServer): Promise<void> {
    const bytes = this.#bytes();
    const name = this.#nameOfFile();
    const request = { namespace, name, kind: "file", note: "", sizeBytes: -1, digest: "" } as const;
    const options = { actor: this.#name, deadlineMs };
    const row = await this.#ask(server, () =>
      server.resources.upload(request, once(bytes), options),
    );
    if (row !== undefined) this.#world.uploads += 1;
  }

  /** Reserve, store, commit: each when it pleases this client. */
  async #uploadByHand(server: SimServer): Promise<void> {
    const bytes = this.#bytes().subarray(0, 2000);
    const digest = sha256(bytes);
    const chunks = [{ digest, sizeBytes: bytes.length }];
    const name = this.#nameOfFile();
    const reserve = { kind: "reserve-upload", uploadId: "", namespace, name, chunks } as const;
    const reserved = await this.#submit(server, reserve);
    if (reserved?.detail.kind !== "upload") return;
    const { uploadId } = reserved.detail;
    const stored = await this.#ask(server, async () => {
      await server.data.chunks.put([{ digest, bytes }]);
      return true;
    });
    if (stored === undefined) return;
    const isImpatient = chance(this.#random, half);
    const manifest = { kind: "file", digest, sizeBytes: bytes.length, chunks } as const;
    const commit = { kind: "commit-version", uploadId, manifest, note: "" } as const;
    for (let attempt = 0; attempt < commitAttemptsMax && !this.#isStopped; attempt += 1) {
      await this.#pause(isImpatient ? 0 : 200, isImpatient ? 5 : 2500);
      const done = await this.#submit(server, commit);
      if (done?.detail.kind !== "version") continue;
      this.#world.uploads += 1;
      return;
    }
  }

  #submit(server: SimServer, command: Command): Promise<Committed | undefined> {
    const options: ProposeOptions = { actor: this.#name, deadlineMs };
    return this.#ask(server, (replica) => replica.submit(command, options));
  }

  async #delete(server: SimServer): Promise<void> {
    const row = pick(this.#random, server.replica?.state.resources() ?? []);
    if (row === undefined) return;
    const { name, version } = row;
    await this.#submit(server, { kind: "delete-version", namespace, name, version });
  }

  async #download(server: SimServer): Promise<void> {
    const row = pick(this.#random, server.replica?.state.resources() ?? []);
    if (row === undefined) return;
    const request = { namespace, name: row.name, version: String(row.version) };
    const options = { actor: this.#name, deadlineMs };
    const found = await this.#ask(server, async () => {
      const { version, bytes } = await server.resources.download(request, options);
      const hash = createHash("sha256");
      for await (const piece of bytes) hash.update(piece);
      return { found: hash.digest("hex"), digest: version.manifest.digest };
    });
    if (found === undefined) return;
    this.#world.downloads += 1;
    this.#world.observer.versions.served(server.name, `${row.name}@${row.version}`, found);
  }
}
