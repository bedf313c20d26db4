// From the bytes of a snapshot back to a state machine. Checksums are the storage's business; this checks
// structure, so that a snapshot that is not ours, is cut short or contradicts itself is refused whole.
import { ByteReader, DecodeError } from "../base/bytes.ts";
import { stateErrors } from "./errors.ts";
import { snapshotRecordBytesMax } from "./limits.ts";
import {
  recordEnd,
  recordHeader,
  recordLengthBytes,
  recordRow,
  recordTable,
  snapshotHeader,
  snapshotMagic,
  snapshotVersion,
} from "./snapshot.ts";
import { StateMachine, type StateOptions } from "./state-machine.ts";
import { type AnyTable, Store } from "./store.ts";
import { ownerOf } from "./tables/assignments.ts";

/** Where the reader is: before the header, among the tables, or after the end. */
type Phase = "header" | "tables" | "ended";

/** Takes a snapshot's bytes in order, cut anywhere. After an error it must be thrown away. */
export class StateRestorer {
  readonly #options: StateOptions | undefined;
  readonly #store = new Store();
  #phase: Phase = "header";
  #nextTable = 0;
  #table: AnyTable | undefined;
  #rowsLeft = 0;
  #lastKey = "";
  #parts: Uint8Array[] = [];
  #have = 0;
  #need = recordLengthBytes;

  constructor(options?: StateOptions) {
    this.#options = options;
  }

  /** Throws SNAPSHOT_DAMAGED. */
  write(piece: Uint8Array): void {
    this.#parts.push(piece.slice());
    this.#have += piece.length;
    if (this.#have < this.#need) return;
    refusingDamage(() => {
      this.#consume();
    });
  }

  /** The restored machine; throws SNAPSHOT_DAMAGED when something is missing or contradictory. */
  finish(): StateMachine {
    refusingDamage(() => {
      if (this.#phase !== "ended" || this.#have > 0) throw new DecodeError("it is cut short");
      checkReferences(this.#store);
    });
    return new StateMachine(this.#options, this.#store);
  }

  #consume(): void {
    const input = joined(this.#parts, this.#have);
    let at = 0;
    this.#need = recordLengthBytes;
    while (input.length - at >= recordLengthBytes) {
      const length = new ByteReader(input.subarray(at)).u32();
      if (length > snapshotRecordBytesMax) throw new DecodeError("a record is too long");
      const end = at + recordLengthBytes + length;
      if (end > input.length) {
        this.#need = recordLengthBytes + length;
        break;
      }
      this.#record(new ByteReader(input.subarray(at + recordLengthBytes, end)));
      at = end;
    }
    const rest = input.subarray(at);
    this.#parts = rest.length === 0 ? [] : [rest.slice()];
    this.#have = rest.length;
  }

  #record(reader: ByteReader): void {
    const type = reader.u8();
    if (this.#phase === "header" && type === recordHeader) this.#header(reader);
    else if (this.#phase === "tables" && type === recordTable) this.#beginTable(reader);
    else if (this.#phase === "tables" && type === recordRow) this.#row(reader);
    else if (this.#phase === "tables" && type === recordEnd) this.#end();
    else throw new DecodeError(`record ${String(type)} out of place`);
    reader.end();
  }

  #header(reader: ByteReader): void {
    const version = reader.u8();
    if (version !== snapshotVersion) throw new DecodeError(`version ${String(version)}`);
    const header = snapshotHeader.read(reader);
    if (header.magic !== snapshotMagic) throw new DecodeError("not a snapshot of this program");
    this.#store.revision = header.revision;
    this.#store.membership = header.membership;
    this.#phase = "tables";
  }

  #beginTable(reader: ByteReader): void {
    this.#checkComplete();
    const table = this.#store.all[this.#nextTable];
    if (table?.spec.number !== reader.u8()) throw new DecodeError("a table is out of place");
    this.#table = table;
    this.#nextTable += 1;
    this.#rowsLeft = reader.varint();
    this.#lastKey = "";
  }

  #row(reader: ByteReader): void {
    const table = this.#table;
    if (table === undefined || this.#rowsLeft === 0) throw new DecodeError("a row too many");
    const row = table.spec.read(reader);
    const key = table.spec.keyOf(row);
    if (key <= this.#lastKey) throw new DecodeError(`rows of ${table.spec.name} not in order`);
    const contradiction = table.contradiction(row);
    if (contradiction !== undefined) throw new DecodeError(contradiction);
    table.put(row);
    this.#lastKey = key;
    this.#rowsLeft -= 1;
  }

  #end(): void {
    this.#checkComplete();
    if (this.#nextTable < this.#store.all.length) throw new DecodeError("a table is missing");
    this.#phase = "ended";
  }

  #checkComplete(): void {
    if (this.#rowsLeft > 0) throw new DecodeError(`${String(this.#rowsLeft)} rows are missing`);
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What the apply handlers take for granted between tables. */
function checkReferences(store: Store): void {
  if (store.jobs.size !== store.assignments.size) throw new DecodeError("jobs without assignments");
  for (const row of store.assignments.values()) {
    if (store.jobs.get(row.jobId) === undefined) throw new DecodeError(`no job ${row.jobId}`);
    const owner = ownerOf(row);
    if (owner !== undefined && !store.sessions.isActive(owner.session)) {
      throw new DecodeError(`${row.jobId} has an owner without session`);
    }
  }
}

function refusingDamage(read: () => void): void {
  try {
    read();
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw stateErrors.SNAPSHOT_DAMAGED(`the snapshot is damaged: ${cause.message}`, { cause });
  }
}
