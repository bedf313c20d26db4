import { unreachable } from "../../base/assert.ts";
import { compareBytes } from "../../base/bytes.ts";
import type { Change } from "../change.ts";
import type { KvCondition, KvDelete, KvPut } from "../commands.ts";
import { stateErrors } from "../errors.ts";
import { kvValueBytesMax } from "../limits.ts";
import { checkKey } from "../names.ts";
import type { CommandDetail } from "../result.ts";
import type { KvRow } from "../rows.ts";
import { kvCostBytes } from "../tables/kv.ts";

export function kvPut(change: Change, command: KvPut): CommandDetail {
  const { key, value } = command;
  checkKey(key);
  if (value.length > kvValueBytesMax) {
    throw stateErrors.VALUE_INVALID(`the value of ${key} has ${String(value.length)} bytes`, {
      fields: { field: "value", bytes: value.length, kvValueBytesMax },
    });
  }
  const row = change.store.kv.get(key);
  checkCondition(command, row);
  checkQuota(change, command, row);
  const version = (row?.version ?? 0) + 1;
  const createdRevision = row?.createdRevision ?? change.index;
  change.putKv({ key, value, createdRevision, modifiedRevision: change.index, version });
  return { kind: "kv", version, existed: row !== undefined };
}

/** Deleting what is not there is done, with `existed` false. */
export function kvDelete(change: Change, command: KvDelete): CommandDetail {
  checkKey(command.key);
  const row = change.store.kv.get(command.key);
  checkCondition(command, row);
  if (row !== undefined) change.deleteKv(command.key);
  return { kind: "kv", version: row?.version ?? 0, existed: row !== undefined };
}

function checkCondition(command: KvPut | KvDelete, row: KvRow | undefined): void {
  const { key, condition } = command;
  if (holds(condition, row)) return;
  throw stateErrors.KV_CONDITION_FAILED(`${key} does not meet the condition "${condition.kind}"`, {
    fields: { key, condition: condition.kind, revision: row?.modifiedRevision ?? 0 },
  });
}

function holds(condition: KvCondition, row: KvRow | undefined): boolean {
  switch (condition.kind) {
    case "none":
      return true;
    case "absent":
      return row === undefined;
    case "revision":
      return row?.modifiedRevision === condition.revision;
    case "value":
      return row !== undefined && compareBytes(row.value, condition.value) === 0;
    default:
      return unreachable(condition);
  }
}

function checkQuota(change: Change, command: KvPut, row: KvRow | undefined): void {
  const { kvBytesMax } = change.limits;
  const freed = row === undefined ? 0 : kvCostBytes(row.key, row.value);
  const needed = change.store.kv.usedBytes - freed + kvCostBytes(command.key, command.value);
  if (needed <= kvBytesMax) return;
  throw stateErrors.LIMIT_REACHED(`the key-value store would hold ${String(needed)} bytes`, {
    fields: { limit: "kvBytesMax", kvBytesMax, neededBytes: needed },
  });
}
