// This server's data directory, and what becomes of it when it is damaged. A server with others in its cluster does not
// stop for that: it puts aside what is damaged and asks them to admit it anew, because they hold everything that was ever
// acknowledged. A cluster of one has nobody to ask; there the damage ends the server, and nothing is moved.
import { isDeepStrictEqual } from "node:util";
import type { HealthFinding } from "../api/health-report.ts";
import type { WallClock } from "../base/clock.ts";
import { messageOf, QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { asHelloText } from "../registry/hello.ts";
import type { Replica } from "../replica/contract.ts";
import type { DataDirectory, Identity } from "../storage/contract.ts";
import { openDataDirectory } from "../storage/data-directory.ts";
import { type Contacts, readContacts, writeContacts } from "../storage/files/contacts.ts";
import { readIdentity } from "../storage/files/identity.ts";
import { decideQuarantine, endQuarantine, readQuarantine } from "../storage/files/quarantine.ts";
import type { EarlierLife } from "./admission.ts";

export interface OwnDataOptions {
  readonly dir: string;
  /** Empty = what the directory says, or a generated one. */
  readonly serverId: string;
  /** Peer addresses of others from the command line, for a directory that does not remember any. */
  readonly others: readonly string[];
}

export interface OwnDataModules {
  readonly wallClock: WallClock;
  readonly logger: Logger;
}

/** Says a majority of the others, which can admit this server anew. */
const supersededCode = "QUORATE_REGISTRY_SUPERSEDED";
/** What says that the data of this server is not to be believed any more. */
const damageCodes: ReadonlySet<string> = new Set([
  "QUORATE_STORAGE_CORRUPT_LOG",
  "QUORATE_STORAGE_CORRUPT_ENTRY",
  "QUORATE_STORAGE_CORRUPT_SNAPSHOT",
  "QUORATE_STORAGE_CORRUPT_IDENTITY",
  "QUORATE_RAFT_LOG_LOST",
  "QUORATE_TRANSPORT_STALE_DATA",
  supersededCode,
]);
/** An error may be wrapped by whoever met it. */
const causesMax = 8;

/** The damage that `error` tells of, itself or as its cause. */
function damageIn(error: unknown): QuorateError | undefined {
  let at = error;
  for (let depth = 0; depth < causesMax && at instanceof Error; depth += 1) {
    if (at instanceof QuorateError && damageCodes.has(at.code)) return at;
    at = at.cause;
  }
  return undefined;
}

type Whose = Pick<Identity, "clusterId" | "generation" | "serverId">;

export class OwnData {
  readonly #options: OwnDataOptions;
  readonly #modules: OwnDataModules;
  #contacts: Contacts | undefined;
  /** Undefined as long as this directory belongs to no cluster. */
  #whose: Whose | undefined;
  #earlier: EarlierLife | undefined;
  /** Nothing is decided about a directory that another process may have open. */
  #isHeld = false;
  #isDecided = false;
  #writing: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;

  constructor(options: OwnDataOptions, modules: OwnDataModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** What this server was before its data was put aside; undefined when it was not. */
  get earlier(): EarlierLife | undefined {
    return this.#earlier;
  }

  /**
   * Peer addresses under which others of the cluster were reached last, or may be now. Known once `open` has begun.
   */
  get others(): readonly string[] {
    return this.#contacts?.others ?? this.#options.others;
  }

  /** For `quorate doctor`. */
  findings(): readonly HealthFinding[] {
    const { earlier } = this;
    if (earlier === undefined) return [];
    return [
      {
        severity: "error",
        code: "quarantined",
        what: `this server's data was damaged and put aside: ${earlier.why}`,
        doThis:
          "It is admitted anew by itself as soon as a majority of the others answers. Look at the disk: the kernel's log, SMART, `quorate data verify`.",
      },
    ];
  }

  /** As `openDataDirectory`; damaged parts are put aside first when there are others to fetch them from. */
  async open(): Promise<DataDirectory> {
    const { dir } = this.#options;
    await this.#readContacts();
    const data = await this.#openOrPutAside();
    this.#isHeld = true;
    const { identity } = data;
    if (identity.clusterId === "") return data;
    this.#whose = identity;
    if (identity.peerId !== 0) await endQuarantine(dir);
    else this.#earlier = { clusterId: identity.clusterId, why: asHelloText(await this.#why()) };
    return data;
  }

  /**
   * To be told every error that ends this server. When it tells of damage, and there are others, the quarantine is
   * decided, durably, before this returns; the next start carries it out. True when it was decided. Only as long as this
   * process holds the directory: from `open` to `stop`.
   */
  suspect(error: unknown): boolean {
    const damage = damageIn(error);
    const whose = this.#whose;
    if (damage === undefined || !this.#isHeld) return false;
    if (whose === undefined) return false;
    // An old copy does not know how many there are by now.
    if (damage.code !== supersededCode && !this.#canBeSpared()) return false;
    const { logger, wallClock } = this.#modules;
    const { clusterId, generation, serverId } = whose;
    const { code, message } = damage;
    const atMs = Math.floor(wallClock.wallMs());
    const reason = { code, message, atMs, clusterId, generation, serverId };
    decideQuarantine(this.#options.dir, reason);
    logger.error({ code, error: message, serverId }, "this server's data is damaged: quarantine");
    return true;
  }

  /** The others have admitted this server; `identity` says under which peer id. Durable before it resolves. */
  async admitted(data: DataDirectory, identity: Identity): Promise<void> {
    await data.saveIdentity(identity);
    this.#whose = identity;
    if (this.#earlier === undefined) return;
    this.#earlier = undefined;
    await endQuarantine(this.#options.dir);
    const { serverId, peerId } = identity;
    this.#modules.logger.info({ serverId, peerId }, "admitted anew, fetching everything");
  }

  /** Remembers from now on where the others are. */
  keepContacts(replica: Pick<Replica, "state" | "watch">, whose: Whose): void {
    const note = (): void => {
      this.#noteContacts(replica, whose);
    };
    this.#unsubscribe = replica.watch.subscribe(["servers"], note);
    note();
  }

  /** Resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    this.#isHeld = false;
    this.#unsubscribe();
    await this.#writing;
  }

  /** Without a majority of the others nobody could ever admit this server anew: then its data stays where it is. */
  #canBeSpared(): boolean {
    const { others } = this.#options;
    return this.#contacts?.canBeSpared ?? others.length >= 2;
  }

  async #openOrPutAside(): Promise<DataDirectory> {
    try {
      return await this.#open();
    } catch (error) {
      if (!this.#isDecided) throw error;
      return await this.#open();
    }
  }

  #open(): Promise<DataDirectory> {
    const { dir } = this.#options;
    const { logger } = this.#modules;
    const serverId = this.#options.serverId || (this.#contacts?.serverId ?? "");
    const onFailure = (error: unknown): Promise<void> => this.#openFailed(error);
    const options = { dir, logger, onFailure };
    return openDataDirectory(serverId === "" ? options : { ...options, serverId });
  }

  /** The directory is held until this resolves: nobody else's start can come between the damage and the decision. */
  async #openFailed(error: unknown): Promise<void> {
    this.#whose = await this.#readWhose();
    this.#isHeld = true;
    try {
      this.#isDecided = this.suspect(error);
    } finally {
      this.#isHeld = false;
    }
  }

  async #readContacts(): Promise<void> {
    try {
      this.#contacts = await readContacts(this.#options.dir);
    } catch (error) {
      // It is a memory aid: without it, the command line has to do.
      this.#modules.logger.warn({ error: messageOf(error) }, "the list of the others is damaged");
    }
  }

  /** The identity file, or the other file that knows. */
  async #readWhose(): Promise<Whose | undefined> {
    try {
      const identity = await readIdentity(this.#options.dir);
      if (identity !== undefined) return identity.clusterId === "" ? undefined : identity;
    } catch (error) {
      if (damageIn(error) === undefined) throw error;
    }
    return this.#contacts;
  }

  async #why(): Promise<string> {
    const record = await readQuarantine(this.#options.dir);
    return record === undefined ? "its data was put aside" : `${record.code}: ${record.message}`;
  }

  #noteContacts({ state }: Pick<Replica, "state">, whose: Whose): void {
    const { clusterId, generation, serverId } = whose;
    const others = state
      .servers()
      .filter(({ role, profile }) => role !== "removed" && profile.serverId !== serverId)
      .map(({ profile }) => profile.peerAddress);
    const { voters } = state.membership;
    const own = state.server(serverId)?.peerId;
    const left = voters.filter((voter) => voter !== own).length;
    const canBeSpared = left * 2 > voters.length;
    const contacts: Contacts = { clusterId, generation, serverId, others, canBeSpared };
    // Before the log is applied again, the table is empty, and what is known from before is better.
    if (state.server(serverId) === undefined || isDeepStrictEqual(contacts, this.#contacts)) return;
    this.#contacts = contacts;
    this.#writing = this.#writing.then(() => this.#write(contacts));
  }

  async #write(contacts: Contacts): Promise<void> {
    try {
      await writeContacts(this.#options.dir, contacts);
    } catch (error) {
      this.#modules.logger.warn({ error: messageOf(error) }, "the list of the others is not kept");
    }
  }
}
