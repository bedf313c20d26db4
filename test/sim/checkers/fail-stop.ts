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

  /** `checker` = under which name it is reported; undefined = a write was made to fail, which is no defect. */
  failed(server: string, reason: string, checker: string | undefined): void {
    this.#failed.add(server);
    if (checker === undefined) return;
    this.#report({ checker, detail: `${server} gave up: ${reason}` });
  }

  sent(server: string): void {
    if (!this.#failed.has(server)) return;
    this.#report({ checker: "fail-stop", detail: `${server} sent a message after it had failed` });
  }
}
