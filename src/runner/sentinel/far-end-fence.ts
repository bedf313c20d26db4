// L6: the last look before a job is executed. Everything between the leader's decision and this machine may be late
// (the log, the table of the own server, an order in a pipe), so the one that executes checks by itself that it may.
import type { QuorateError } from "../../base/errors.ts";
import { sentinelErrors } from "./errors.ts";

export interface FenceView {
  /** 0 = none. */
  readonly session: number;
  readonly isSealed: boolean;
  /** A renewal sent after the session's begin and after the server process attached was acknowledged. */
  readonly isRenewed: boolean;
  /** The deadline is ahead. */
  readonly holdsLease: boolean;
  /** Highest epoch of this job that was released in this session; 0 = none. */
  readonly releasedEpoch: number;
  /** Epoch of the job's latest run here; 0 = none. */
  readonly latestEpoch: number;
}

export interface FencedOrder {
  readonly jobId: string;
  readonly epoch: number;
  readonly session: number;
}

/** Why `order` may not be executed now; undefined = it may. */
export function refusal(order: FencedOrder, view: FenceView): QuorateError | undefined {
  const fields = { jobId: order.jobId, epoch: order.epoch, session: order.session };
  if (view.isSealed)
    return sentinelErrors.SEALED("this session is ending: nothing is started any more", { fields });
  if (view.session === 0 || order.session !== view.session) {
    return sentinelErrors.OTHER_SESSION(
      `the order names session ${order.session}, this sentinel holds ${view.session}`,
      { fields },
    );
  }
  if (order.epoch <= view.releasedEpoch) {
    return sentinelErrors.RELEASED(
      `epoch ${order.epoch} of ${order.jobId} may not start: epoch ${view.releasedEpoch} was released`,
      { fields },
    );
  }
  if (order.epoch < view.latestEpoch) {
    return sentinelErrors.OLD_EPOCH(
      `epoch ${order.epoch} of ${order.jobId} may not start: epoch ${view.latestEpoch} was started here`,
      { fields },
    );
  }
  if (!view.isRenewed) {
    return sentinelErrors.NOT_RENEWED("no renewal was acknowledged yet since the server attached", {
      fields,
    });
  }
  if (!view.holdsLease) return sentinelErrors.LEASE_OVER("the lease has run out", { fields });
  return undefined;
}
