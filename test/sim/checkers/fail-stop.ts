// A replica fails only when its disk was told to fail; from then on it is silent.
import type { Report } from "./report.ts";

export class FailStop {
  readonly #report: Report;
  /** Servers whose present life has failed. */
  readonly #failed = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  booted(server: string): void {
    this.#failed.delete(server);
  }

  /** `isExpected` = a write was made to fail. */
  failed(server: string, reason: string, isExpected: boolean): void {
    this.#failed.add(server);
    if (isExpected) return;
    this.#report({ checker: "no-defects", detail: `${server} gave up: ${reason}` });
  }

  sent(server: string): void {
    if (!this.#failed.has(server)) return;
    this.#report({ checker: "fail-stop", detail: `${server} sent a message after it had failed` });
  }
}
