// Where the streams to the other servers go: to the addresses of the replicated table, but for those that have told a
// another one. The table can only follow once there is a leader, and when several servers come back with other addresses
// there is none before they find each other. So the word of a member is taken at once, by each server for itself; whom a
// stream really reaches is checked by the transport's identity all the same.
import type { PeerId } from "../base/numbers.ts";
import type { NewAddress } from "../registry/members.ts";
import type { PeerAddress, Transport } from "../transport/contract.ts";

export class PeerAddresses {
  readonly #transport: Transport;
  /** Forgotten as soon as the table says anything else than it did, or the member tells the table's address. */
  readonly #told = new Map<PeerId, NewAddress>();
  #recorded: readonly PeerAddress[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The transport for whoever goes by the table. */
  byTable(): Transport {
    const transport = this.#transport;
    return {
      get address() {
        return transport.address;
      },
      start: (handlers) => transport.start(handlers),
      identify: (identity) => {
        transport.identify(identity);
      },
      setPeers: (recorded) => {
        this.#setPeers(recorded);
      },
      send: (lane, messages) => {
        transport.send(lane, messages);
      },
      call: (...call) => transport.call(...call),
      pull: (from, source) => transport.pull(from, source),
      hello: (address, request, deadlineMs) => transport.hello(address, request, deadlineMs),
      stats: () => transport.stats(),
      stop: () => transport.stop(),
    };
  }

  #setPeers(recorded: readonly PeerAddress[]): void {
    this.#recorded = recorded;
    const byPeer = new Map(recorded.map(({ peerId, address }) => [peerId, address]));
    for (const [peer, told] of this.#told) {
      if (byPeer.get(peer) !== told.recorded) this.#told.delete(peer);
    }
    this.#connect();
  }

  /** By the member itself. Ignored when the table has another record of it, or it is no peer. */
  told(news: NewAddress): void {
    const record = this.#recorded.find(({ peerId }) => peerId === news.peerId);
    if (record?.address !== news.recorded) return;
    if (news.address !== news.recorded) this.#told.set(news.peerId, news);
    // It is where the table says, perhaps again: what it told before is over.
    else if (!this.#told.delete(news.peerId)) return;
    this.#connect();
  }

  #connect(): void {
    this.#transport.setPeers(
      this.#recorded.map(({ peerId, address }) => ({
        peerId,
        address: this.#told.get(peerId)?.address ?? address,
      })),
    );
  }
}
