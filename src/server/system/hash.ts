import xxhash from "xxhash-wasm";
import type { Hash64 } from "../../base/hash.ts";

/** xxhash64 with seed 0, loaded once per process. */
export async function loadHash64(): Promise<Hash64> {
  const api = await xxhash();
  return {
    text: (text) => {
      const value = api.h64(text, 0n);
      return { high: Number(value >> 32n), low: Number(value & 0xffff_ffffn) };
    },
    bytes: (bytes) => api.h64Raw(bytes, 0n).toString(16).padStart(16, "0"),
  };
}
