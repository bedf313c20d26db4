export const KiB: number = 1024;
export const MiB: number = 1024 * KiB;
export const GiB: number = 1024 * MiB;
export const second: number = 1000;
export const minute: number = 60 * second;
export const day: number = 24 * 60 * minute;
