// The table from command kind to handler. A handler checks everything, then writes: a refusal is an error thrown
// before the first write.
import { assert } from "../../base/assert.ts";
import { QuorateError } from "../../base/errors.ts";
import type { Change } from "../change.ts";
import type { Command, CommandKind } from "../commands.ts";
import type { CommandDetail, CommandResult } from "../result.ts";
import { openClientSession } from "./client-sessions.ts";
import { setDesired, submitJob, updateJob } from "./jobs.ts";
import { kvDelete, kvPut } from "./kv.ts";
import { applyPlan } from "./plan.ts";
import { released, reportRuns } from "./releases.ts";
import { setAdminState, updateServer } from "./servers.ts";
import { endSession, registerSession } from "./sessions.ts";
import { abortUpload, addReceipt, commitVersion, deleteVersion, reserveUpload } from "./uploads.ts";

type Handlers = {
  readonly [K in CommandKind]: (
    change: Change,
    command: Extract<Command, { readonly kind: K }>,
  ) => CommandDetail;
};

const handlers: Handlers = {
  "kv-put": kvPut,
  "kv-delete": kvDelete,
  "update-server": updateServer,
  "set-admin-state": setAdminState,
  "register-session": registerSession,
  "end-session": endSession,
  "submit-job": submitJob,
  "update-job": updateJob,
  "set-desired": setDesired,
  "apply-plan": applyPlan,
  released,
  "report-runs": reportRuns,
  "reserve-upload": reserveUpload,
  "add-receipt": addReceipt,
  "commit-version": commitVersion,
  "abort-upload": abortUpload,
  "delete-version": deleteVersion,
  "open-client-session": openClientSession,
};

export function execute(change: Change, command: Command): CommandResult {
  const handler = handlers[command.kind] as (change: Change, command: Command) => CommandDetail;
  try {
    return { kind: "done", revision: change.index, detail: handler(change, command) };
  } catch (refusal) {
    if (!(refusal instanceof QuorateError)) throw refusal;
    assert(change.isUntouched(), `${command.kind} was refused after it wrote`);
    return { kind: "refused", revision: change.index, error: refusal.toRecord() };
  }
}
