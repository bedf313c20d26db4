// Which copies of chunks are damaged. One copy in the cluster always stays sound: what nobody has cannot come back.
import type { SimServer } from "./server.ts";

export class ChunkRot {
  readonly #servers: readonly SimServer[];
  readonly #damaged = new Set<Uint8Array>();

  constructor(servers: readonly SimServer[]) {
    this.#servers = servers;
  }

  /** True if `server` has the bytes of the chunk as they were written. */
  isSoundOn(digest: string, server: SimServer): boolean {
    const bytes = server.data.content.chunks.get(digest);
    return bytes !== undefined && !this.#damaged.has(bytes);
  }

  mayDamage(digest: string, victim: SimServer): boolean {
    const { chunks } = victim.data.content;
    return (
      this.isSoundOn(digest, victim) &&
      this.#servers.some(
        (each) =>
          !each.isRetired && each.data.content.chunks !== chunks && this.isSoundOn(digest, each),
      )
    );
  }

  done(damaged: Uint8Array): void {
    this.#damaged.add(damaged);
  }
}
