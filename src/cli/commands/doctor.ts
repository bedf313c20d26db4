import type { Command } from "commander";
import { QuorateError } from "../../base/errors.ts";
import type { CliClient } from "../client.ts";
import type { CliContext } from "../context.ts";
import { type Checkup, type Diagnosis, diagnose, type Picture } from "../diagnosis.ts";
import { countText } from "../duration.ts";
import { cliErrors } from "../errors.ts";
import { healthOf } from "../health.ts";
import { type Runner, verb } from "../run.ts";

/** A server that does not answer must not keep the others' answers from being shown. */
const askDeadlineMs = 2000;
const listDeadlineMs = 3000;
const notReadyCode = "QUORATE_API_NOT_READY";

interface Target {
  readonly serverId: string;
  readonly address: string;
}

type Answer<T> =
  | { readonly value: T; readonly code: "" }
  | { readonly value: undefined; readonly code: string };

async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await asked, code: "" };
  } catch (error) {
    if (error instanceof QuorateError) return { value: undefined, code: error.code };
    throw error;
  }
}

/** The middle of the call is when its clock was read, about. */
function clockOf(wallMs: number, asked: { readonly fromMs: number; readonly toMs: number }) {
  const uncertaintyMs = (asked.toMs - asked.fromMs) / 2;
  return { offsetMs: wallMs - asked.fromMs - uncertaintyMs, uncertaintyMs };
}

async function checkUp(client: CliClient, target: Target): Promise<Checkup> {
  const { address } = target;
  const options = { deadlineMs: askDeadlineMs };
  const fromMs = Date.now();
  let toMs = fromMs;
  const [health, status] = await Promise.all([
    answerOf(client.cluster.health(address, options)).finally(() => {
      toMs = Date.now();
    }),
    answerOf(client.cluster.status(address, options)),
  ]);
  const wallMs = health.value?.wallMs ?? 0;
  const ownId = status.value?.serverId ?? health.value?.serverId ?? "";
  return {
    address,
    serverId: ownId === "" ? target.serverId : ownId,
    status: status.value,
    health: health.value,
    isNotReady: [status.code, health.code].includes(notReadyCode),
    clock: wallMs === 0 ? undefined : clockOf(wallMs, { fromMs, toMs }),
  };
}

/** The members, and whoever else answers at the addresses that were given: one that is no member is no one else's to tell of. */
async function look(context: CliContext): Promise<Picture> {
  const client = await context.client();
  const { value } = await answerOf(client.servers.list({ deadlineMs: listDeadlineMs }));
  const members = value?.servers;
  const targets = (members ?? []).map(({ serverId, grpcAddress }) => ({
    serverId,
    address: grpcAddress,
  }));
  const given = context.settings.addresses
    .filter((address) => !targets.some((target) => target.address === address))
    .map((address) => ({ serverId: address, address }));
  const all = await Promise.all([...targets, ...given].map((target) => checkUp(client, target)));
  // A member may be reached by another name than its own.
  const checkups = all.filter(
    ({ serverId }, at) => all.findIndex((one) => one.serverId === serverId) === at,
  );
  return { members, checkups };
}

async function print(context: CliContext, found: readonly Diagnosis[]): Promise<void> {
  await context.table({
    head: ["SEVERITY", "SERVER", "CODE", "WHAT", "DO"],
    rows: found.map(({ severity, serverId, code, what, doThis }) => [
      severity,
      serverId,
      code,
      what,
      doThis,
    ]),
  });
}

async function doctor(context: CliContext): Promise<void> {
  const picture = await look(context);
  const findings = diagnose(picture);
  const { checkups } = picture;
  const { text } = healthOf(checkups.map(({ serverId, status }) => ({ serverId, status })));
  if (context.isJson) {
    const servers = checkups.map(({ serverId, address, status, health }) => ({
      serverId,
      address,
      status: status ?? null,
      health: health ?? null,
    }));
    await context.document({ findings, servers });
  } else if (findings.length > 0) {
    await print(context, findings);
  } else {
    const { green } = await context.colours();
    await context.line(green(`nothing to do: ${text}`));
  }
  const { length } = findings;
  if (length > 0) throw cliErrors.ATTENTION_NEEDED(countText(length, "finding"));
}

export function doctorCommand(run: Runner): Command {
  return verb(
    {
      name: "doctor",
      text: "ask every server what is wrong and say what to do, the worst first (exit 0 = nothing to do, else 1)",
      examples: [
        ["quorate doctor", "At night, before anything else."],
        [
          "quorate --addr 10.0.0.1:7471,10.0.0.2:7471 doctor -o json",
          "For monitoring; servers that are no members are only found by their address.",
        ],
      ],
      action: doctor,
    },
    run,
  );
}
