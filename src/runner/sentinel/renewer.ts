// Keeps the session renewed through whichever server answers. Level-triggered: every renewal says everything. One
// that is not answered within 150 ms is followed by another, to the next server, while the first may still be
// answered; the counters ascend, so that a late one cannot undo a newer one.
import type { Cancel, Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { parseRegisterAnswer, parseRenewAnswer } from "./answers.ts";
import type { HttpPost } from "./http-door.ts";
import type { Lease } from "./lease.ts";
import { renewIntervalMs } from "./lease.ts";
import {
  registerLogIntervalMs,
  registerPauseMs,
  registerTimeoutMs,
  renewalsInflightMax,
  renewTimeoutMaxMs,
  resendAfterMs,
} from "./limits.ts";
import type { RegisterRequest, RenewAnswer, RenewRequest } from "./protocol.ts";

export type RenewalContent = Pick<RenewRequest, "running" | "released" | "sealed">;

export interface RenewerEvents {
  /** Read at the moment of each sending. */
  readonly content: () => RenewalContent;
  readonly registered: (session: number) => void;
  /** An answer of the current session with `alive`; the lease has taken it already. */
  readonly renewed: (answer: RenewAnswer, said: RenewalContent) => void;
  /** The session has ended in the table. */
  readonly ended: (said: RenewalContent) => void;
}

export interface RenewerModules {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly post: HttpPost;
  readonly events: RenewerEvents;
}

interface Registration {
  readonly request: RegisterRequest;
  /** When the log was last told that it does not succeed. */
  loggedAtMs: number | undefined;
}

interface Session {
  readonly number: number;
  readonly key: string;
  readonly lease: Lease;
  counter: number;
  /** Highest counter that was answered. */
  answered: number;
  inflight: number;
  latestSentMs: number;
}

export class Renewer {
  readonly #modules: RenewerModules;
  #servers: readonly string[] = [];
  #next = 0;
  #session: Session | undefined;
  #registering: Registration | undefined;
  #cancelTimer: Cancel | undefined;
  #cancelSoon: Cancel | undefined;
  /** Failures since the last answer; within one round of the servers the next is tried at once. */
  #failures = 0;

  constructor(modules: RenewerModules) {
    this.#modules = modules;
  }

  /** Servers to ask, host:port; an empty list changes nothing. */
  setServers(servers: readonly string[]): void {
    if (servers.length > 0) this.#servers = servers;
  }

  /** Servers to ask first. Those that are known stay: the machine's own may be no member for a while. */
  preferServers(servers: readonly string[]): void {
    this.#servers = [...new Set([...servers, ...this.#servers])];
  }

  /** Registers until it succeeds. */
  register(request: RegisterRequest): void {
    this.stop();
    this.#registering = { request, loggedAtMs: undefined };
    void this.#register(this.#registering);
  }

  /** Renews `session` from now on, the first time at once. */
  hold(session: number, key: string, lease: Lease): void {
    this.stop();
    this.#session = {
      number: session,
      key,
      lease,
      counter: 0,
      answered: 0,
      inflight: 0,
      latestSentMs: 0,
    };
    this.renewNow();
  }

  /** Asks for a renewal at once; several calls in one turn make one renewal. */
  renewNow(): void {
    this.#cancelSoon ??= this.#modules.clock.yield(() => {
      this.#cancelSoon = undefined;
      this.#failures = 0;
      this.#send();
    });
  }

  /** Forgets the session: answers that are under way are ignored. */
  stop(): void {
    this.#session = undefined;
    this.#registering = undefined;
    this.#cancelTimer?.();
    this.#cancelSoon?.();
    this.#cancelTimer = undefined;
    this.#cancelSoon = undefined;
  }

  #nextServer(): string {
    const server = this.#servers[this.#next % this.#servers.length] ?? "";
    this.#next = (this.#next + 1) % Math.max(1, this.#servers.length);
    return server;
  }

  async #register(attempt: Registration): Promise<void> {
    const { clock, events, post } = this.#modules;
    const server = this.#nextServer();
    try {
      const body = JSON.stringify(attempt.request);
      const path = "/v1/sentinel/register";
      const answer = await post({ server, path, body, key: "", timeoutMs: registerTimeoutMs });
      const { session } = parseRegisterAnswer(answer);
      if (this.#registering === attempt) events.registered(session);
    } catch (error) {
      if (this.#registering !== attempt) return;
      this.#failures += 1;
      const hasAskedAll = this.#failures % Math.max(1, this.#servers.length) === 0;
      if (hasAskedAll) this.#logFailure(attempt, server, error);
      this.#cancelTimer = clock.after(
        hasAskedAll ? registerPauseMs : 0,
        () => void this.#register(attempt),
      );
    }
  }

  /** The first is no news while a cluster forms; that it lasts is. */
  #logFailure(attempt: Registration, server: string, error: unknown): void {
    const nowMs = this.#modules.clock.nowMs();
    const { loggedAtMs } = attempt;
    if (loggedAtMs !== undefined && nowMs - loggedAtMs < registerLogIntervalMs) return;
    attempt.loggedAtMs = nowMs;
    const level = loggedAtMs === undefined ? "info" : "warn";
    this.#modules.logger[level]({ server, error: messageOf(error) }, "cannot register");
  }

  #arm(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#modules.clock.after(delayMs, () => {
      this.#failures = 0;
      this.#send();
    });
  }

  #send(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#arm(resendAfterMs);
    if (session.inflight >= renewalsInflightMax) return;
    const said = this.#modules.events.content();
    session.counter += 1;
    session.inflight += 1;
    session.latestSentMs = this.#modules.clock.nowMs();
    session.lease.sent(session.counter, session.latestSentMs);
    void this.#exchange(session, { session: session.number, counter: session.counter, ...said });
  }

  async #exchange(session: Session, body: RenewRequest): Promise<void> {
    const server = this.#nextServer();
    const timeoutMs = Math.min(renewTimeoutMaxMs, session.lease.leaseMs);
    const call = {
      server,
      path: "/v1/sentinel/renew",
      body: JSON.stringify(body),
      key: session.key,
      timeoutMs,
    };
    try {
      const answer = parseRenewAnswer(await this.#modules.post(call));
      if (this.#session === session) this.#answered(session, body, answer);
    } catch (error) {
      session.lease.lost(body.counter);
      if (this.#session === session && session.answered < body.counter) this.#failed(server, error);
    } finally {
      session.inflight -= 1;
    }
  }

  #answered(session: Session, body: RenewRequest, answer: RenewAnswer): void {
    const { clock, events } = this.#modules;
    this.#failures = 0;
    this.setServers(answer.servers);
    if (!answer.alive) {
      events.ended(body);
      return;
    }
    session.lease.acknowledged(body.counter);
    session.answered = Math.max(session.answered, body.counter);
    if (session.answered === session.counter) {
      const nextMs = session.latestSentMs + renewIntervalMs(session.lease.leaseMs);
      this.#arm(nextMs - clock.nowMs());
    }
    events.renewed(answer, body);
  }

  /** A refused connection is known at once: the next server need not wait for the resend. */
  #failed(server: string, error: unknown): void {
    this.#failures += 1;
    if (this.#failures < this.#servers.length) this.#send();
    else this.#modules.logger.warn({ server, error: messageOf(error) }, "renewal failed");
  }
}
