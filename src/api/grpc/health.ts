// grpc.health.v1 with the same word as /readyz: a server that is no member, or knows of no leader, is not serving.
import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { readiness } from "../ready.ts";
import type { DoorModules } from "../services.ts";

/** How often readiness is looked at; a balancer asks every few seconds. */
const lookMs = 250;

export class Health {
  readonly #names: readonly string[];
  readonly #modules: DoorModules;
  readonly #implementation: HealthImplementation;
  #isServing = false;
  #timer: NodeJS.Timeout | undefined;

  /** `names`: full names of the services; the server as a whole is told of as well. */
  constructor(names: readonly string[], modules: DoorModules) {
    this.#names = ["", ...names];
    this.#modules = modules;
    this.#implementation = new HealthImplementation(
      Object.fromEntries(this.#names.map((name) => [name, "NOT_SERVING" as const])),
    );
  }

  addToServer(server: Server): void {
    this.#implementation.addToServer(server);
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => {
      this.#look();
    }, lookMs);
  }

  /** From now on this server serves nobody new. */
  stop(): void {
    clearInterval(this.#timer);
    this.#say(false);
  }

  #look(): void {
    this.#say(readiness(this.#modules.services()).ready);
  }

  #say(isServing: boolean): void {
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    const status = isServing ? "SERVING" : "NOT_SERVING";
    for (const name of this.#names) this.#implementation.setStatus(name, status);
  }
}
