// How a member speaks to the others when nobody leads: as a stranger would, by hello, at every address that the table
// or the command line knows of.
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import {
  decodeHelloAnswer,
  encodeHelloRequest,
  type HelloAnswer,
  type HelloRequest,
} from "../registry/hello.ts";
import type { NewAddress } from "../registry/members.ts";
import { isAnswerOf } from "../registry/sighting.ts";
import type { Replica } from "../replica/contract.ts";
import type { ServerProfile, ServerRow } from "../state/rows.ts";
import type { Transport } from "../transport/contract.ts";

/** Above the time that the asked server takes to find that it has no leader either. */
const answerDeadlineMs = 5000;

export interface OthersOptions {
  readonly profile: ServerProfile;
  readonly clusterId: string;
  /** Peer addresses to try beside those of the table. */
  readonly join: readonly string[];
}

export interface OthersModules {
  readonly replica: Pick<Replica, "state">;
  readonly transport: Pick<Transport, "hello">;
  readonly logger: Logger;
}

export interface AnswerOfOther {
  readonly address: string;
  readonly answer: HelloAnswer;
}

export class Others {
  readonly #options: OthersOptions;
  readonly #modules: OthersModules;

  constructor(options: OthersOptions, modules: OthersModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** Asks all of them at once, but for some addresses; resolves with the answers of those that gave one. */
  async ask(
    request: HelloRequest,
    except: ReadonlySet<string> = new Set(),
  ): Promise<readonly AnswerOfOther[]> {
    const bytes = encodeHelloRequest(request);
    const addresses = this.#addresses().filter((address) => !except.has(address));
    return (await Promise.all(addresses.map((each) => this.#askOne(each, bytes)))).flat();
  }

  /** Where each of them that answers was reached: where the table says if it answers there too. */
  async whereabouts(): Promise<readonly NewAddress[]> {
    const { clusterId } = this.#options;
    const answers = await this.ask({ kind: "ask" });
    return this.rows().flatMap(({ peerId, profile }) => {
      const { peerAddress: recorded } = profile;
      const reached = answers
        .filter(({ answer }) => isAnswerOf(answer, { ...profile, clusterId }))
        .map(({ address }) => address);
      const address = reached.includes(recorded) ? recorded : reached[0];
      return address === undefined ? [] : [{ peerId, recorded, address }];
    });
  }

  /** The other members, by the table. */
  rows(): readonly ServerRow[] {
    const { serverId } = this.#options.profile;
    return this.#modules.replica.state
      .servers()
      .filter((row) => row.role !== "removed" && row.profile.serverId !== serverId);
  }

  #addresses(): readonly string[] {
    const { profile, join } = this.#options;
    const known = this.rows().map((row) => row.profile.peerAddress);
    return [...new Set([...known, ...join])].filter((address) => address !== profile.peerAddress);
  }

  async #askOne(address: string, request: Uint8Array): Promise<readonly AnswerOfOther[]> {
    const { transport, logger } = this.#modules;
    try {
      const answer = await transport.hello(address, request, answerDeadlineMs);
      return [{ address, answer: decodeHelloAnswer(answer) }];
    } catch (error) {
      logger.debug({ address, error: messageOf(error) }, "another server did not answer");
      return [];
    }
  }
}
