// Whether the server that answers somewhere is the one that was looked for. An address may be taken over by another
// server, and only the same data directory of the same cluster is the same member.
import type { ServerProfile } from "../state/rows.ts";
import type { HelloAnswer } from "./hello.ts";

export interface Sought extends Pick<ServerProfile, "serverId" | "incarnation"> {
  readonly clusterId: string;
}

export function isAnswerOf(answer: HelloAnswer, sought: Sought): boolean {
  return (
    answer.kind === "member" &&
    answer.clusterId === sought.clusterId &&
    answer.serverId === sought.serverId &&
    answer.incarnation === sought.incarnation
  );
}
