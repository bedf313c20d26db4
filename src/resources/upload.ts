// One upload: reserve the digests in the log, store the bytes, let the others pull them, and commit the version once
// a majority has given receipts. Nothing is visible before that; whatever goes wrong ends the upload whole.
import { assert } from "../base/assert.ts";
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf, QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { Revision } from "../base/numbers.ts";
import type { Committed, ProposeOptions, Replica } from "../replica/contract.ts";
import type { ReserveUpload } from "../state/commands.ts";
import type { ChunkRef, Manifest, ResourceVersionRow } from "../state/rows.ts";
import { chunkRef, FileDigest, type HashedChunk, windows } from "./chunker.ts";
import type { CallOptions, UploadRequest } from "./contract.ts";
import { resourceErrors } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import type { Shelf } from "./shelf.ts";

export interface UploadModules {
  readonly replica: Replica;
  readonly shelf: Shelf;
  readonly keeper: Keeper;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Throws when this server has no room for so many bytes. */
  readonly mayStore: (bytes: number) => void;
}

const receiptsMissing = "QUORATE_STATE_RECEIPTS_MISSING";
const abortDeadlineMs = 5000;
/** How long one wait for receipts lasts before the table is looked at again anyway. */
const receiptWaitMs = 1000;
/** Pause before a command that met no leader, or lost it, is sent again. */
const repeatAfterMs = 100;

/** This server's copy has ended: no other try of this process can succeed. */
const replicaStopped = "QUORATE_REPLICA_STOPPED";

/** Another try may succeed: nothing was done, or nobody knows. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof QuorateError) || error.code === replicaStopped) return false;
  return error.kind === "unavailable" || error.kind === "unknown";
}

export interface UploadOptions extends CallOptions {
  readonly resourceBytesMax: number;
}

export class Upload {
  readonly #modules: UploadModules;
  readonly #request: UploadRequest;
  readonly #options: UploadOptions;
  readonly #whole = new FileDigest();
  readonly #chunks: ChunkRef[] = [];
  readonly #endMs: number;
  #uploadId = "";

  constructor(modules: UploadModules, request: UploadRequest, options: UploadOptions) {
    this.#modules = modules;
    this.#request = request;
    this.#options = options;
    this.#endMs = modules.clock.nowMs() + options.deadlineMs;
  }

  async run(bytes: AsyncIterable<Uint8Array>): Promise<ResourceVersionRow> {
    this.#refuseAbove(this.#request.sizeBytes);
    // Before the first byte is read. Later the store itself looks, at what it does not hold yet.
    this.#modules.mayStore(Math.max(0, this.#request.sizeBytes));
    try {
      await this.#receive(bytes);
      const manifest = this.#manifest();
      return await this.#commit(manifest);
    } catch (error) {
      await this.#abort(messageOf(error));
      if (error instanceof QuorateError) throw error;
      throw resourceErrors.INTERRUPTED(`the upload ended early: ${messageOf(error)}`, {
        cause: error,
      });
    } finally {
      if (this.#uploadId !== "") this.#modules.keeper.disown(this.#uploadId);
    }
  }

  async #receive(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const window of windows(this.#inTime(bytes), this.#whole)) {
      this.#refuseTooLarge();
      await this.#reserve(window);
      await this.#modules.shelf.put(window);
      this.#chunks.push(...window.map(chunkRef));
      this.#modules.keeper.wake();
    }
  }

  /** The source, until the call's deadline: a sender that falls silent must not hold the upload open for ever. */
  async *#inTime(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    const source = bytes[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#beforeEnd(source.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      this.#release(source);
    }
  }

  // Not awaited: a source that is stuck in its next piece would never end.
  #release(source: AsyncIterator<Uint8Array>): void {
    source.return?.().catch((error: unknown) => {
      this.#modules.logger.debug({ error: messageOf(error) }, "the sender's stream ended badly");
    });
  }

  async #beforeEnd<T>(work: Promise<T>): Promise<T> {
    const { clock } = this.#modules;
    let cancel: Cancel = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(Math.max(0, this.#endMs - clock.nowMs()), () => {
        reject(resourceErrors.INTERRUPTED("the sender did not finish before the deadline"));
      });
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }

  #refuseTooLarge(): void {
    const { sizeBytes } = this.#whole;
    const announced = this.#request.sizeBytes;
    if (announced >= 0 && sizeBytes > announced) this.#sizeMismatch();
    this.#refuseAbove(sizeBytes);
  }

  #refuseAbove(sizeBytes: number): void {
    const { resourceBytesMax } = this.#options;
    if (sizeBytes <= resourceBytesMax) return;
    throw resourceErrors.TOO_LARGE(`more than ${String(resourceBytesMax)} bytes`, {
      fields: { limit: "resourceBytesMax", max: resourceBytesMax },
    });
  }

  #sizeMismatch(): never {
    throw resourceErrors.SIZE_MISMATCH(
      `${String(this.#request.sizeBytes)} bytes were announced, ${String(this.#whole.sizeBytes)} arrived`,
    );
  }

  async #reserve(window: readonly HashedChunk[]): Promise<void> {
    const { keeper } = this.#modules;
    const { namespace, name } = this.#request;
    const { revision, detail } = await this.#repeatedly({
      kind: "reserve-upload",
      uploadId: this.#uploadId,
      namespace,
      name,
      chunks: window.map(chunkRef),
    });
    assert(detail.kind === "upload", "a reservation answers with the upload's id");
    this.#uploadId = detail.uploadId;
    keeper.own(this.#uploadId);
    // Until this server has applied the reservation, its own collector would take the bytes for garbage.
    await this.#appliedHere(revision);
  }

  /**
   * A reservation may be made twice: the second adds nothing, and an upload that nobody goes on with ends by itself. So
   * a leader that is lost in the middle costs an upload a moment, not its life.
   */
  async #repeatedly(command: ReserveUpload): Promise<Committed> {
    const { replica, clock } = this.#modules;
    for (;;) {
      try {
        return await replica.submit(command, this.#proposeOptions());
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.#refuseLate();
        await new Promise<void>((resolve) => {
          clock.after(repeatAfterMs, resolve);
        });
      }
    }
  }

  async #appliedHere(revision: Revision): Promise<void> {
    const { replica } = this.#modules;
    while (replica.revision < revision) {
      this.#refuseLate();
      await replica.watch.wait(["uploads", "resources"], replica.revision, receiptWaitMs);
    }
  }

  #manifest(): Manifest {
    const { sizeBytes } = this.#whole;
    const { kind } = this.#request;
    if (sizeBytes === 0) throw resourceErrors.EMPTY("no byte arrived");
    if (this.#request.sizeBytes >= 0 && sizeBytes !== this.#request.sizeBytes) this.#sizeMismatch();
    const digest = this.#whole.finish();
    if (this.#request.digest !== "" && this.#request.digest !== digest) {
      throw resourceErrors.DIGEST_MISMATCH(`announced ${this.#request.digest}, arrived ${digest}`);
    }
    return { kind, digest, sizeBytes, chunks: this.#chunks };
  }

  async #commit(manifest: Manifest): Promise<ResourceVersionRow> {
    const versionBefore = await this.#latestVersion();
    /** An attempt that may have been carried out: from then on nothing may be called undone. */
    let unsure: QuorateError | undefined;
    for (;;) {
      try {
        await this.#receipts();
        return await this.#commitOnce(manifest);
      } catch (error) {
        if (!(error instanceof QuorateError)) throw unsure ?? error;
        if (error.kind === "unknown") unsure = error;
        const done = unsure && (await this.#visible(manifest, versionBefore));
        if (done !== undefined) return done;
        // The membership may have changed between the look and the commit.
        const isFinal = error.code !== receiptsMissing && !isPassing(error);
        // Also a refusal is no proof: the attempt before may have ended the upload by carrying it out.
        if (unsure !== undefined && (isFinal || this.#isLate)) throw unsure;
        if (isFinal) throw error;
        this.#refuseLate();
      }
    }
  }

  /** As of now when a leader answers soon, else as of the reservation, which this server has applied. */
  async #latestVersion(): Promise<number> {
    const { replica, logger } = this.#modules;
    const { namespace, name } = this.#request;
    try {
      await replica.barrier(Math.min(receiptWaitMs, this.#proposeOptions().deadlineMs));
    } catch (error) {
      logger.debug({ error: messageOf(error) }, "the latest version is taken from this server");
    }
    return replica.state.resource(namespace, name, "latest")?.version ?? 0;
  }

  async #commitOnce(manifest: Manifest): Promise<ResourceVersionRow> {
    const { replica } = this.#modules;
    const { namespace, name, note } = this.#request;
    const openedAtMs = replica.state.upload(this.#uploadId)?.createdAtMs ?? 0;
    const { revision, detail } = await replica.submit(
      { kind: "commit-version", uploadId: this.#uploadId, manifest, note },
      this.#proposeOptions(),
    );
    assert(detail.kind === "version", "a commit answers with the version");
    const { version } = detail;
    await this.#seenHere(revision);
    // The version is durable whatever this server sees: it may lag, or have applied a deletion since. Then the answer is
    // made of what was sent, with the time at which the upload was opened.
    return (
      replica.state.resource(namespace, name, version) ?? {
        namespace,
        name,
        version,
        manifest,
        note,
        createdRevision: revision,
        createdAtMs: openedAtMs,
        createdBy: this.#options.actor,
      }
    );
  }

  /** Waits until this server has applied what is committed already; that it does not in time is no failure. */
  async #seenHere(revision: Revision): Promise<void> {
    try {
      await this.#appliedHere(revision);
    } catch (error) {
      this.#modules.logger.debug(
        { error: messageOf(error) },
        "a version is committed that this server has not applied yet",
      );
    }
  }

  /**
   * The version, when a commit whose outcome was not known has been carried out all the same. Somebody else may have
   * committed another one since.
   */
  async #visible(
    { digest, kind }: Manifest,
    versionBefore: number,
  ): Promise<ResourceVersionRow | undefined> {
    const { replica, logger } = this.#modules;
    const { namespace, name } = this.#request;
    try {
      await replica.barrier(this.#proposeOptions().deadlineMs);
    } catch (error) {
      logger.debug({ error: messageOf(error) }, "nobody can say whether the upload was committed");
      return undefined;
    }
    const latest = replica.state.resource(namespace, name, "latest")?.version ?? 0;
    return replica.state
      .resourceVersions(namespace, name)
      .filter(({ version }) => version > versionBefore || version === latest)
      .findLast(({ manifest }) => manifest.digest === digest && manifest.kind === kind);
  }

  /** Waits until a majority of the voters in force has given receipts (both halves when joint). */
  async #receipts(): Promise<void> {
    const { replica } = this.#modules;
    for (;;) {
      const { state } = replica;
      const row = state.upload(this.#uploadId);
      // Ended by somebody else, e.g. for want of progress: the commit will say so.
      if (row === undefined) return;
      const receipts = new Set(row.receipts);
      const { voters, votersOutgoing } = state.membership;
      const majority = (peers: typeof voters): boolean =>
        peers.length === 0 || peers.filter((peer) => receipts.has(peer)).length * 2 > peers.length;
      if (majority(voters) && majority(votersOutgoing)) return;
      this.#refuseLate();
      await replica.watch.wait(["uploads"], replica.revision, receiptWaitMs);
    }
  }

  get #isLate(): boolean {
    return this.#modules.clock.nowMs() >= this.#endMs;
  }

  #refuseLate(): void {
    if (!this.#isLate) return;
    throw resourceErrors.NOT_DURABLE(
      `no majority has stored the bytes within ${String(this.#options.deadlineMs)} ms`,
    );
  }

  async #abort(reason: string): Promise<void> {
    if (this.#uploadId === "") return;
    const { replica, logger } = this.#modules;
    try {
      await replica.submit(
        { kind: "abort-upload", uploadId: this.#uploadId, reason: reason.slice(0, 200) },
        { actor: this.#options.actor, deadlineMs: abortDeadlineMs },
      );
    } catch (error) {
      // The leader ends uploads that make no progress; this was only quicker.
      logger.warn(
        { uploadId: this.#uploadId, error: messageOf(error) },
        "upload could not be ended now",
      );
    }
  }

  #proposeOptions(): ProposeOptions & { readonly deadlineMs: number } {
    return {
      actor: this.#options.actor,
      deadlineMs: Math.max(1, this.#endMs - this.#modules.clock.nowMs()),
    };
  }
}
