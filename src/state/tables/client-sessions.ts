import { type ByteReader, type ByteWriter, DecodeError } from "../../base/bytes.ts";
import { bytes, type Codec, count, revisionNumber, struct } from "../codec/codec.ts";
import type { ClientSessionRow } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";
import { numberKey } from "./keys.ts";

/** By ascending sequence number, which is also the order that rows keep. */
const results: Codec<ReadonlyMap<number, Uint8Array>> = {
  write(writer: ByteWriter, value) {
    writer.list([...value], ([sequence, result]) => void writer.varint(sequence).bytes(result));
  },
  read(reader: ByteReader) {
    let previous = 0;
    const entries = reader.list((): [number, Uint8Array] => {
      const sequence = reader.varint();
      if (sequence <= previous) throw new DecodeError("results are not in order");
      previous = sequence;
      return [sequence, bytes.read(reader)];
    });
    return new Map(entries);
  },
};

const spec: TableSpec<string, ClientSessionRow> = {
  name: "client-sessions",
  number: 9,
  keyOf: (row) => numberKey(row.clientSession),
  ...struct<ClientSessionRow>({
    clientSession: count,
    results,
    floor: count,
    lastRevision: revisionNumber,
  }),
};

export class ClientSessionTable extends Table<string, ClientSessionRow> {
  constructor() {
    super(spec);
  }

  of(clientSession: number): ClientSessionRow | undefined {
    return this.get(numberKey(clientSession));
  }

  /** Forgets the session that was used longest ago. */
  evictOldest(): void {
    let oldest: ClientSessionRow | undefined;
    for (const row of this.values()) {
      if (oldest === undefined || row.lastRevision < oldest.lastRevision) oldest = row;
    }
    if (oldest !== undefined) this.delete(numberKey(oldest.clientSession));
  }
}
