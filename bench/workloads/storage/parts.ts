// What the parts of the storage benchmark have in common.

export const storageParts = ["append", "chunks", "truncation", "start", "upload"] as const;
export type StoragePart = (typeof storageParts)[number];

export interface PartReport {
  readonly part: StoragePart;
  /** One line for people. */
  readonly headline: string;
  readonly data: object;
  /** Whether the goals of this part are met. */
  readonly holds: boolean;
}

export type Progress = (text: string) => void;

/** Units of options, limits and goals in this benchmark: sizes of chunks and buffers are powers of two. */
export const mib: number = 1024 * 1024;
export const gigabyte = 1_000_000_000;
export const megabyte = 1_000_000;

export const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** To two digits behind the point: ratios near 1 are compared. */
export const hundredth = (value: number): number => Math.round(value * 100) / 100;
