import { keyedValues } from "../datadriven/arguments.ts";
import type { Directive } from "../datadriven/parse.ts";
import { deliver, selected } from "./deliver.ts";
import type { Environment } from "./environment.ts";
import { levelComplaint, levelNamed } from "./output.ts";
import type { Server } from "./server.ts";

/** Works off everything that `servers` (none = all) have to do, until nothing is left. */
export function stabilize(
  environment: Environment,
  directive: Directive,
  servers: readonly Server[],
): string | undefined {
  const { output } = environment;
  const before = output.level;
  try {
    for (const { key, value } of keyedValues(directive)) {
      if (key !== "log-level") continue;
      const level = levelNamed(value);
      if (level === undefined) return levelComplaint;
      output.level = level;
    }
    const among = servers.length > 0 ? servers : environment.servers;
    for (;;) {
      const round = new Round(environment, among);
      const complaint = round.run();
      if (complaint !== undefined) return complaint;
      if (!round.busy) return undefined;
    }
  } finally {
    output.level = before;
  }
}

class Round {
  busy = false;
  readonly #environment: Environment;
  readonly #servers: readonly Server[];

  constructor(environment: Environment, servers: readonly Server[]) {
    this.#environment = environment;
    this.#servers = servers;
  }

  run(): string | undefined {
    const environment = this.#environment;
    return (
      this.#each(
        "handling Ready",
        (server) => server.handout.waiting,
        (server) => environment.processReady(server),
      ) ??
      this.#each(
        "receiving messages",
        (server) => this.#mail(server) > 0,
        (server) => {
          deliver(environment, { id: server.id, drop: false });
          return undefined;
        },
      ) ??
      this.#each(
        "processing append thread",
        (server) => server.appendWork.length > 0,
        (server) => whileAny(server.appendWork, () => environment.processAppendThread(server)),
      ) ??
      this.#each(
        "processing apply thread",
        (server) => server.applyWork.length > 0,
        (server) => whileAny(server.applyWork, () => environment.processApplyThread(server)),
      )
    );
  }

  #mail(server: Server): number {
    return selected(this.#environment, { id: server.id, drop: false }).length;
  }

  #each(
    what: string,
    isDue: (server: Server) => boolean,
    work: (server: Server) => string | undefined,
  ): string | undefined {
    const { output } = this.#environment;
    for (const server of this.#servers) {
      if (!isDue(server)) continue;
      this.busy = true;
      output.write(`> ${server.id} ${what}\n`);
      const complaint = output.indented(() => work(server));
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  }
}

function whileAny(queue: readonly unknown[], work: () => string | undefined): string | undefined {
  while (queue.length > 0) {
    const complaint = work();
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}
