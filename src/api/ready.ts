import { apiErrors } from "./errors.ts";
import type { ApiServices } from "./services.ts";

/** Entries that may be committed and not applied yet: under load a few always are. */
const readyLagEntriesMax = 1000;

/** The services, or NOT_READY as long as this server is not a member of a cluster. */
export function readyServices(services: () => ApiServices | undefined): ApiServices {
  const ready = services();
  if (ready === undefined)
    throw apiErrors.NOT_READY("this server is not a member of a cluster yet");
  return ready;
}

/** Whether this server can do its job now; the text says why not. */
export function readiness(services: ApiServices | undefined): {
  readonly ready: boolean;
  readonly text: string;
} {
  if (services === undefined) return { ready: false, text: "not a member of a cluster yet" };
  const { leader, applied, commit } = services.replica.status();
  if (leader === 0) return { ready: false, text: "no leader known" };
  const { serverId } = services.facts;
  const row = services.replica.state.server(serverId);
  if (row === undefined) return { ready: false, text: "still receiving the log" };
  if (row.role === "removed") return { ready: false, text: "removed from the cluster" };
  return commit - applied > readyLagEntriesMax
    ? { ready: false, text: "applying the log" }
    : { ready: true, text: "ready" };
}
