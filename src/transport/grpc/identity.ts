// Who speaks to whom, in one binary header of every stream and pull. The server side compares all of it with
// itself; since the caller also names whom it means, a reused address is noticed as well.
import { Metadata } from "@grpc/grpc-js";
import { ByteReader, ByteWriter, DecodeError } from "../../base/bytes.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { Index, PeerId, Term } from "../../base/numbers.ts";
import type { EarlierStart, PeerBoot, PeerIdentity } from "../contract.ts";
import { transportErrors } from "../errors.ts";
import { earlierStartsMax, startNonceCharsMax } from "../limits.ts";
import { plain } from "./frames.ts";

const header = "quorate-identity-bin";
const identityVersion = 1;

export function identityMetadata(identity: PeerIdentity, to: PeerId): Metadata {
  const writer = new ByteWriter(96).u8(identityVersion).string(identity.clusterId);
  writer.varint(identity.generation).varint(identity.peerId).varint(to);
  const { boot } = identity;
  if (boot !== undefined) {
    writer.varint(boot.counter).string(boot.nonce).varint(boot.term).varint(boot.lastIndex);
    writer.varint(boot.knownSince).list(boot.earlier, ({ counter, nonce }) => {
      writer.varint(counter).string(nonce);
    });
  }
  const metadata = new Metadata();
  metadata.set(header, Buffer.from(writer.finish()));
  return metadata;
}

/** A caller that knows this cluster and means this server. */
export interface Caller {
  readonly peerId: PeerId;
  readonly boot: PeerBoot | undefined;
}

/** The caller, or why it is refused. */
export function admit(metadata: Metadata, self: PeerIdentity): Caller | QuorateError {
  const value = metadata.get(header)[0];
  if (!(value instanceof Buffer))
    return transportErrors.FOREIGN_PEER("the caller did not say who it is");
  try {
    return compare(new ByteReader(plain(value)), self);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    const text = `the caller's identity could not be read: ${cause.message}`;
    return transportErrors.FOREIGN_PEER(text, { cause });
  }
}

/** A later version may append to these fields, and never changes them: peers of two releases know each other by them. */
function compare(reader: ByteReader, self: PeerIdentity): Caller | QuorateError {
  const version = reader.u8();
  const clusterId = reader.string();
  const generation = reader.varint();
  const from = reader.varint();
  const to = reader.varint();
  const fields = { version, clusterId, generation, from, to };
  const same = clusterId === self.clusterId && generation === self.generation;
  if (same && to === self.peerId && from !== to && from > 0) {
    return { peerId: from as PeerId, boot: readBoot(reader) };
  }
  return transportErrors.FOREIGN_PEER(
    same
      ? `the caller looks for peer ${String(to)}, this is peer ${String(self.peerId)}`
      : `the caller is of cluster ${clusterId} generation ${String(generation)}`,
    { fields },
  );
}

function readBoot(reader: ByteReader): PeerBoot | undefined {
  if (reader.left === 0) return undefined;
  const { counter, nonce } = readStart(reader);
  const [term, lastIndex] = [reader.varint() as Term, reader.varint() as Index];
  const knownSince = reader.varint();
  return { counter, nonce, term, lastIndex, knownSince, earlier: readEarlier(reader, counter) };
}

function readEarlier(reader: ByteReader, counter: number): readonly EarlierStart[] {
  const count = reader.varint();
  if (count > earlierStartsMax) {
    throw new DecodeError(`${String(count)} earlier starts, above ${String(earlierStartsMax)}`);
  }
  const earlier = Array.from({ length: count }, () => readStart(reader));
  const isAscending = [...earlier, { counter }].every(
    (start, i) => start.counter > (earlier[i - 1]?.counter ?? 0),
  );
  if (!isAscending) throw new DecodeError("the numbers of the earlier starts do not ascend");
  return earlier;
}

function readStart(reader: ByteReader): EarlierStart {
  const [counter, nonce] = [reader.varint(), reader.string()];
  if (nonce.length === 0 || nonce.length > startNonceCharsMax) {
    throw new DecodeError(`the nonce of a start has ${String(nonce.length)} characters`);
  }
  return { counter, nonce };
}
