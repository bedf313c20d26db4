// What was synced is there when the disk is read again, or the damage is noticed; and nobody complains about a disk that
// nothing has damaged.
import type { Report } from "./report.ts";

export class SoundDisk {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** `server` says that its data is damaged. */
  complained(server: string, reason: string, wasDamaged: boolean): void {
    if (wasDamaged) return;
    this.#report({
      checker: "sound-disk",
      detail: `${server} finds damage that nobody did: ${reason}`,
    });
  }

  /** `server` began a new life with less than it had synced. */
  forgot(server: string, detail: string): void {
    this.#report({ checker: "nothing-forgotten", detail: `${server} ${detail}` });
  }
}
