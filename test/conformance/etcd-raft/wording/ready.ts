import type { Ready } from "../interaction/ready.ts";
import { entriesText, hardStateText, messageText } from "./message.ts";
import { roleNames, snapshotText } from "./state.ts";

/** As etcd prints the work that it hands out. */
export function readyText(ready: Ready): string {
  const { softState, hardState, entries, snapshot, committed, messages } = ready;
  let text = "";
  if (softState !== undefined) {
    text += `Lead:${softState.leader} State:${roleNames[softState.role]}\n`;
  }
  if (hardState !== undefined) text += `HardState ${hardStateText(hardState)}\n`;
  if (entries.length > 0) text += `Entries:\n${entriesText(entries)}`;
  if (snapshot !== undefined) text += `Snapshot ${snapshotText(snapshot)}\n`;
  if (committed.length > 0) text += `CommittedEntries:\n${entriesText(committed)}`;
  if (messages.length > 0) {
    text += `Messages:\n${messages.map((message) => `${messageText(message)}\n`).join("")}`;
  }
  return text === "" ? "<empty Ready>" : `Ready MustSync=${ready.mustSync}:\n${text}`;
}
