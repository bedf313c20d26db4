// What the network does to each server, as data, and as the packet filter's rules of its namespace. Packets are dropped
// where they arrive: whoever sent them learns nothing, as on a real network.
//
// Delay does not come from `tc netem`: many kernels for virtual machines are built without it. While a server is
// delayed, connections to its doors are led to a relay in its namespace instead, and connections from before are
// reset (relay.mjs).

export interface Delay {
  readonly delayMs: number;
  readonly jitterMs: number;
}

/** Servers are named by their slot. */
export interface NetworkState {
  /** Cut off from everybody, clients included: its cable is out of the switch. */
  readonly isolated: readonly number[];
  readonly dropped: readonly { readonly from: number; readonly to: number }[];
  /** Slot → percent of the packets that arrive at it. */
  readonly lossPercent: ReadonlyMap<number, number>;
  readonly delayed: ReadonlyMap<number, Delay>;
}

export const healthyNetwork: NetworkState = {
  isolated: [],
  dropped: [],
  lossPercent: new Map(),
  delayed: new Map(),
};

/** A door's port + this = the port of its relay. */
export const relayPortOffset = 10_000;

export interface RulesFor {
  readonly slot: number;
  readonly addressOf: (slot: number) => string;
  /** Ports of the doors that others dial. */
  readonly ports: readonly number[];
}

/** Input of iptables-restore: replaces whatever the namespace had. */
export function rulesOf(state: NetworkState, { slot, addressOf, ports }: RulesFor): string {
  const arrives = "-A INPUT -i eth0";
  const isDelayed = state.delayed.has(slot);
  const percent = state.lossPercent.get(slot) ?? 0;
  const drops = state.dropped
    .filter(({ to }) => to === slot)
    .map(({ from }) => `${arrives} -s ${addressOf(from)} -j DROP`);
  const chance = (percent / 100).toFixed(4);
  const losses =
    percent === 0 ? [] : [`${arrives} -m statistic --mode random --probability ${chance} -j DROP`];
  const resets = ports.map(
    (port) => `${arrives} -p tcp --dport ${port} -j REJECT --reject-with tcp-reset`,
  );
  const redirects = ports.map(
    (port) =>
      `-A PREROUTING -i eth0 -p tcp --dport ${port} -j REDIRECT --to-ports ${port + relayPortOffset}`,
  );
  return [
    "*nat",
    ":PREROUTING ACCEPT",
    ...(isDelayed ? redirects : []),
    "COMMIT",
    "*filter",
    ":INPUT ACCEPT",
    ...drops,
    ...losses,
    ...(isDelayed ? resets : []),
    "COMMIT",
    "",
  ].join("\n");
}
