import { ByteWriter, compareBytes } from "../../base/bytes.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { Change } from "../change.ts";
import { serverProfile } from "../codec/values.ts";
import type { MembershipContext, SetAdminState, UpdateServer } from "../commands.ts";
import { stateErrors } from "../errors.ts";
import {
  reasonCharsMax,
  serverCapacityMax,
  serverLabelsMax,
  serverTextCharsMax,
} from "../limits.ts";
import { clip, hasControlCharacter, isServerId } from "../names.ts";
import type { MembershipInForce } from "../reader.ts";
import type { CommandDetail } from "../result.ts";
import type { MemberRole, ServerProfile, ServerRow } from "../rows.ts";
import type { Store } from "../store.ts";

export function updateServer(change: Change, { profile }: UpdateServer): CommandDetail {
  const row = memberOf(change.store, profile.serverId);
  if (row.profile.incarnation !== profile.incarnation) {
    throw stateErrors.SERVER_UNKNOWN(
      `server ${profile.serverId} is a member with another data directory`,
      { fields: { serverId: profile.serverId, incarnation: row.profile.incarnation } },
    );
  }
  checkProfile(profile);
  if (equalProfiles(row.profile, profile)) return { kind: "none" };
  change.putServer({ ...row, profile });
  note(change, profile.serverId, { kind: "ServerUpdated", detail: `version ${profile.version}` });
  return { kind: "none" };
}

export function setAdminState(change: Change, command: SetAdminState): CommandDetail {
  const { serverId, admin } = command;
  const reason = clip(command.reason, reasonCharsMax);
  const row = memberOf(change.store, serverId);
  if (row.admin === admin && row.reason === reason) return { kind: "none" };
  change.putServer({ ...row, admin, reason });
  note(change, serverId, {
    kind: "ServerAdminChanged",
    detail: `${row.admin} → ${admin}: ${reason}`,
  });
  return { kind: "none" };
}

/** The row of a server that is a member now; throws SERVER_UNKNOWN. */
export function memberOf(store: Store, serverId: string): ServerRow {
  const row = store.servers.get(serverId);
  if (row === undefined || row.role === "removed") {
    throw stateErrors.SERVER_UNKNOWN(`server ${JSON.stringify(serverId)} is no member`, {
      fields: { serverId },
    });
  }
  return row;
}

interface AddedServer {
  readonly peerId: PeerId;
  readonly profile: ServerProfile;
  readonly reason: string;
}

/**
 * Roles follow the membership in force. Outgoing voters of a joint configuration still count toward quorum and
 * stay voters until it is left. Nothing here can refuse: the membership has changed already.
 */
export function applyMembership(
  change: Change,
  membership: MembershipInForce,
  context: MembershipContext,
): CommandDetail {
  change.setMembership(membership);
  for (const { peerId, profile } of context.added) {
    const role = roleIn(membership, peerId);
    if (role !== "removed") addServer(change, { peerId, profile, reason: context.reason }, role);
  }
  for (const row of change.store.servers.values()) {
    const role = roleIn(membership, row.peerId);
    if (role === row.role) continue;
    change.putServer({ ...row, role, wasVoter: false, reason: context.reason });
    const kind = role === "removed" ? "ServerRemoved" : "ServerRoleChanged";
    note(change, row.profile.serverId, {
      kind,
      detail: `${row.role} → ${role}: ${context.reason}`,
    });
  }
  const { voters, learners, votersOutgoing } = membership;
  const joint = votersOutgoing.length === 0 ? "" : `, outgoing ${votersOutgoing.join(" ")}`;
  const detail = `voters ${voters.join(" ")}, learners ${learners.join(" ")}${joint}: ${context.reason}`;
  change.note({ subject: "cluster", kind: "MembershipChanged", detail });
  return { kind: "none" };
}

/**
 * A member keeps what operators set, also under a new peer id: it has lost its data then, and comes back as the same
 * server. A removed one begins anew.
 */
function addServer(change: Change, added: AddedServer, role: MemberRole): void {
  const { peerId, profile, reason } = added;
  const row = change.store.servers.get(profile.serverId);
  const known = row?.role === "removed" ? undefined : row;
  const isBack = known !== undefined && known.peerId !== peerId;
  const wasVoter = isBack && (known.role === "voter" || known.wasVoter);
  change.putServer({
    profile,
    peerId,
    role,
    wasVoter: wasVoter && role === "learner",
    admin: known?.admin ?? "active",
    reason: isBack ? reason : (known?.reason ?? reason),
    createdRevision: known?.createdRevision ?? change.index,
  });
  if (known !== undefined && !isBack) return;
  const detail = `peer ${String(peerId)} at ${profile.peerAddress} as ${role}`;
  if (isBack) {
    const inPlace = `${detail}, in place of peer ${String(known.peerId)}: ${reason}`;
    note(change, profile.serverId, { kind: "ServerReadmitted", detail: inPlace });
  } else note(change, profile.serverId, { kind: "ServerAdded", detail });
}

function roleIn(membership: MembershipInForce, peer: PeerId): MemberRole {
  if (membership.voters.includes(peer) || membership.votersOutgoing.includes(peer)) return "voter";
  return membership.learners.includes(peer) ? "learner" : "removed";
}

function checkProfile(profile: ServerProfile): void {
  const { serverId, labels, capacity } = profile;
  if (!isServerId(serverId)) throw invalid("serverId");
  if (capacity > serverCapacityMax) throw invalid("capacity");
  const { incarnation, peerAddress, grpcAddress, httpAddress, zone, version } = profile;
  const texts = { incarnation, peerAddress, grpcAddress, httpAddress, zone, version };
  for (const [field, value] of Object.entries(texts)) if (!isLine(value)) throw invalid(field);
  const pairs = Object.entries(labels);
  if (pairs.length > serverLabelsMax) throw invalid("labels");
  for (const [key, value] of pairs) if (!isLine(key) || !isLine(value)) throw invalid("labels");
}

function isLine(value: string): boolean {
  return value.length <= serverTextCharsMax && !hasControlCharacter(value);
}

function invalid(field: string): Error {
  return stateErrors.VALUE_INVALID(`the server's ${field} is out of bounds`, {
    fields: { field, serverTextCharsMax, serverLabelsMax, serverCapacityMax },
  });
}

function equalProfiles(a: ServerProfile, b: ServerProfile): boolean {
  return compareBytes(encoded(a), encoded(b)) === 0;
}

function encoded(profile: ServerProfile): Uint8Array {
  const writer = new ByteWriter();
  serverProfile.write(writer, profile);
  return writer.finish();
}

function note(change: Change, serverId: string, what: { kind: string; detail: string }): void {
  change.note({ subject: `server/${serverId}`, ...what });
}
