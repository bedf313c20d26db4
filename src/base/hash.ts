/**
 * Hash functions are handed in (xxhash-wasm is loaded in src/server/system), so that the pure rooms
 * stay without packages and all servers compute the same.
 */
export interface Hash64 {
  /** xxhash64, seed 0, of the text's UTF-8, as two unsigned 32-bit halves. */
  text(text: string): { readonly high: number; readonly low: number };
  /** xxhash64, seed 0, of the bytes, as 16 hexadecimal digits. */
  bytes(bytes: Uint8Array): string;
}
