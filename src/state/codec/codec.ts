// Codecs are values: a struct names its fields once, in order, and gets its writer and its reader from that, so
// that the two cannot disagree. Every value has exactly one encoding (sorted maps, shortest numbers), because
// the encoding is what servers compare.
import { assert, defined } from "../../base/assert.ts";
import {
  type ByteReader,
  type ByteWriter,
  compareStrings,
  DecodeError,
  fromHex,
  toHex,
} from "../../base/bytes.ts";
import {
  type Epoch,
  epoch,
  index,
  type PeerId,
  peerId,
  type Revision,
  type SessionId,
  sessionId,
} from "../../base/numbers.ts";
import { stateErrors } from "../errors.ts";
import type { Labels } from "../rows.ts";

export interface Codec<T> {
  write(writer: ByteWriter, value: T): void;
  /** Throws DecodeError; keeps no view of the input. */
  read(reader: ByteReader): T;
}

export type Fields<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

export const text: Codec<string> = {
  write: (writer, value) => void writer.string(value),
  read: (reader) => reader.string(),
};

/** A safe integer ≥ 0. */
export const count: Codec<number> = {
  write: (writer, value) => void writer.varint(value),
  read: (reader) => reader.varint(),
};

export const flag: Codec<boolean> = {
  write: (writer, value) => void writer.bool(value),
  read: (reader) => reader.bool(),
};

/** Copied when read: a row must not keep its whole log entry alive. */
export const bytes: Codec<Uint8Array> = {
  write: (writer, value) => void writer.bytes(value),
  read: (reader) => reader.bytes().slice(),
};

export const revisionNumber: Codec<Revision> = {
  write: (writer, value) => void writer.varint(value),
  read: (reader) => index(reader.varint()),
};
export const epochNumber: Codec<Epoch> = {
  write: (writer, value) => void writer.varint(value),
  read: (reader) => epoch(reader.varint()),
};
export const sessionNumber: Codec<SessionId> = {
  write: (writer, value) => void writer.varint(value),
  read: (reader) => sessionId(reader.varint()),
};
export const peerNumber: Codec<PeerId> = {
  write: (writer, value) => void writer.varint(value),
  read: (reader) => peerId(reader.varint()),
};

/** An integer ≥ −1, where −1 means "none". */
export const countOrNone: Codec<number> = {
  write: (writer, value) => void writer.varint(value + 1),
  read: (reader) => reader.varint() - 1,
};

const digestBytes = 32;
const digestPattern = /^[0-9a-f]{64}$/;

/** SHA-256 as text, 32 bytes on the wire. Writing anything else throws VALUE_INVALID. */
export const digest: Codec<string> = {
  write(writer, value) {
    if (!digestPattern.test(value)) {
      throw stateErrors.VALUE_INVALID("a digest is 64 lower-case hexadecimal digits", {
        fields: { field: "digest" },
      });
    }
    writer.raw(fromHex(value));
  },
  read: (reader) => toHex(reader.raw(digestBytes)),
};

/** A map from text to text, by ascending key. */
export const labels: Codec<Labels> = {
  write(writer, value) {
    const entries = Object.entries(value).sort((a, b) => compareStrings(a[0], b[0]));
    writer.list(entries, ([key, item]) => void writer.string(key).string(item));
  },
  read(reader) {
    const entries = reader.list((): [string, string] => [reader.string(), reader.string()]);
    for (const [i, [key]] of entries.entries()) {
      const previous = entries[i - 1];
      if (previous !== undefined && previous[0] >= key)
        throw new DecodeError("map keys not ascending");
    }
    return Object.fromEntries(entries);
  },
};

export function listOf<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    write: (writer, value) =>
      void writer.list(value, (one) => {
        item.write(writer, one);
      }),
    read: (reader) => reader.list(() => item.read(reader)),
  };
}

export function optional<T>(item: Codec<T>): Codec<T | undefined> {
  return {
    write(writer, value) {
      writer.bool(value !== undefined);
      if (value !== undefined) item.write(writer, value);
    },
    read: (reader) => (reader.bool() ? item.read(reader) : undefined),
  };
}

/** One of a fixed list of words, written as its position: append new words, never reorder. */
export function oneOf<T extends string>(words: readonly T[]): Codec<T> {
  return {
    write(writer, value) {
      const position = words.indexOf(value);
      assert(position >= 0, `${value} is not one of ${words.join(", ")}`);
      writer.u8(position);
    },
    read(reader) {
      const word = words[reader.u8()];
      if (word === undefined) throw new DecodeError(`not one of ${words.join(", ")}`);
      return word;
    },
  };
}

/** Fields in the order of the literal. */
export function struct<T extends object>(fields: Fields<T>): Codec<T> {
  const entries = Object.entries(fields) as [keyof T & string, Codec<unknown>][];
  return {
    write(writer, value) {
      for (const [name, codec] of entries) codec.write(writer, value[name]);
    },
    read(reader) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.read(reader);
      return value as T;
    },
  };
}

export type WithoutTag<T, D extends keyof T, K> = Omit<Extract<T, Record<D, K>>, D>;

type Variants<T, D extends keyof T> = {
  readonly [K in T[D] & string]: readonly [number: number, body: Codec<WithoutTag<T, D, K>>];
};

/** A union told apart by the field `tag`; the numbers are what is stored and never change. */
export function union<T extends object, D extends keyof T & string>(
  tag: D,
  variants: Variants<T, D>,
): Codec<T> {
  const byKind = new Map<unknown, readonly [number, Codec<object>]>(
    Object.entries<readonly [number, unknown]>(variants).map(([kind, [number, body]]) => [
      kind,
      [number, body as Codec<object>],
    ]),
  );
  const byNumber = new Map([...byKind].map(([kind, [number, body]]) => [number, { kind, body }]));
  assert(byNumber.size === byKind.size, "two variants have the same number");
  return {
    write(writer, value) {
      const [number, body] = defined(byKind.get(value[tag]), `variant ${String(value[tag])}`);
      writer.u8(number);
      body.write(writer, value);
    },
    read(reader) {
      const variant = byNumber.get(reader.u8());
      if (variant === undefined) throw new DecodeError(`unknown variant of ${tag}`);
      return { [tag]: variant.kind, ...variant.body.read(reader) } as T;
    },
  };
}
