// A network of its own for every server: one namespace each, all plugged into a switch that lives in a namespace too,
// so that the packet filter of this machine has no say in it. The clients stay where this program runs, with one cable
// to the switch.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { nameOf, type RunId } from "../run-id.ts";
import { command, inside, ip } from "./commands.ts";
import {
  type Delay,
  healthyNetwork,
  type NetworkState,
  relayPortOffset,
  rulesOf,
} from "./rules.ts";
import { removeNamespace } from "./sweep.ts";

const relayProgram = fileURLToPath(new URL("./relay.mjs", import.meta.url));
/** Part of the range for tests between networks (RFC 2544): nobody has it at home. */
const subnetsMax = 256;
const clientHost = 254;

export interface NamespacesOptions {
  readonly run: RunId;
  readonly slots: number;
  /** Of the doors, the same on every server. */
  readonly ports: readonly number[];
}

function freeSubnet(first: number): string {
  const taken = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (let i = 0; i < subnetsMax; i += 1) {
    const subnet = `198.18.${(first + i) % subnetsMax}`;
    if (!taken.some(({ address }) => address.startsWith(`${subnet}.`))) return subnet;
  }
  throw new Error("every subnet of 198.18.0.0/16 is taken");
}

export class Namespaces {
  readonly #options: NamespacesOptions;
  readonly #name: string;
  readonly #hub: string;
  readonly #subnet: string;
  readonly #made: string[] = [];
  readonly #rules = new Map<number, string>();
  readonly #relays = new Map<number, ChildProcess>();
  #isolated: readonly number[] = [];
  /** This side's end of the cable into the hub, once it is there. */
  #cable: string | undefined;

  constructor(options: NamespacesOptions) {
    this.#options = options;
    this.#name = nameOf(options.run);
    this.#hub = `${this.#name}-hub`;
    this.#subnet = freeSubnet(options.run.pid % subnetsMax);
  }

  addressOf(slot: number): string {
    return `${this.#subnet}.${slot + 1}`;
  }

  /** Words in front of a command that is to run on the machine of this slot. */
  launcher(slot: number): readonly [string, ...string[]] {
    return inside(this.#namespace(slot));
  }

  async start(): Promise<void> {
    await this.#make(this.#hub);
    const inHub = (words: string): Promise<string> => ip(`-n ${this.#hub} ${words}`);
    await inHub("link add switch type bridge");
    await inHub("link set switch up");
    const cable = `qch${this.#options.run.pid}`;
    await ip(`link add ${cable} type veth peer name clients netns ${this.#hub}`);
    this.#cable = cable;
    await inHub("link set clients master switch up");
    await ip(`address add ${this.#subnet}.${clientHost}/24 dev ${cable}`);
    await ip(`link set ${cable} up`);
    for (let slot = 0; slot < this.#options.slots; slot += 1) {
      const namespace = this.#namespace(slot);
      await this.#make(namespace);
      await inHub(`link add port${slot} type veth peer name eth0 netns ${namespace}`);
      await inHub(`link set port${slot} master switch up`);
      await ip(`-n ${namespace} address add ${this.addressOf(slot)}/24 dev eth0`);
      await ip(`-n ${namespace} link set eth0 up`);
      await ip(`-n ${namespace} link set lo up`);
    }
    await this.apply(healthyNetwork);
  }

  /** The whole network is as told when this resolves, whatever it was before. */
  async apply(state: NetworkState): Promise<void> {
    for (let slot = 0; slot < this.#options.slots; slot += 1) {
      await this.#relay(slot, state.delayed.get(slot));
      await this.#filter(slot, state);
      await this.#plug(slot, state);
    }
    this.#isolated = state.isolated;
  }

  async destroy(): Promise<void> {
    for (const relay of this.#relays.values()) relay.kill("SIGKILL");
    // It would go with the other end's namespace, but some time later: the next run has a cable of the same name.
    const cable = this.#cable;
    this.#cable = undefined;
    if (cable !== undefined) await ip(`link delete ${cable}`);
    for (const name of this.#made.splice(0).reverse()) await removeNamespace(name);
  }

  #namespace(slot: number): string {
    return `${this.#name}-s${slot}`;
  }

  async #make(name: string): Promise<void> {
    await ip(`netns add ${name}`);
    this.#made.push(name);
  }

  async #filter(slot: number, state: NetworkState): Promise<void> {
    const addressOf = (other: number): string => this.addressOf(other);
    const rules = rulesOf(state, { slot, addressOf, ports: this.#options.ports });
    if (this.#rules.get(slot) === rules) return;
    await command([...this.launcher(slot), "iptables-restore", "-w"], rules);
    this.#rules.set(slot, rules);
  }

  /** A cable that is not in the switch: nothing passes, in either direction, and neither end is told. */
  async #plug(slot: number, { isolated }: NetworkState): Promise<void> {
    const isOut = isolated.includes(slot);
    if (isOut === this.#isolated.includes(slot)) return;
    await ip(`-n ${this.#hub} link set port${slot} ${isOut ? "nomaster" : "master switch"}`);
  }

  async #relay(slot: number, delay: Delay | undefined): Promise<void> {
    const old = this.#relays.get(slot);
    if (old !== undefined) {
      this.#relays.delete(slot);
      const gone = once(old, "exit");
      old.kill("SIGKILL");
      await gone;
    }
    if (delay === undefined) return;
    const { delayMs, jitterMs } = delay;
    const ports = this.#options.ports.map((port) => [port + relayPortOffset, port]);
    const settings = JSON.stringify({ host: this.addressOf(slot), ports, delayMs, jitterMs });
    const [program, ...words] = this.launcher(slot);
    const relay = spawn(program, [...words, process.execPath, relayProgram, settings], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    this.#relays.set(slot, relay);
    await once(relay.stdout, "data");
  }
}
