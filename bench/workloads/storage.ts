// What stable storage costs and what it holds to: five parts with a goal each, which can be run one by one. The first three open
// stores in this process, the last two are real servers.
import { loadavg } from "node:os";
import type { WorkloadReport } from "../lib/report.ts";
import { type AppendOptions, append } from "./storage/append.ts";
import { type ChunksOptions, chunks } from "./storage/chunks.ts";
import type { PartReport, StoragePart } from "./storage/parts.ts";
import { type StartOptions, start } from "./storage/start.ts";
import { type TruncationOptions, truncation } from "./storage/truncation.ts";
import { type UploadOptions, upload } from "./storage/upload.ts";

export interface StorageOptions
  extends AppendOptions,
    ChunksOptions,
    TruncationOptions,
    StartOptions,
    UploadOptions {
  readonly parts: readonly StoragePart[];
}

const runs: Readonly<Record<StoragePart, (options: StorageOptions) => Promise<PartReport>>> = {
  append,
  chunks,
  truncation,
  start,
  upload,
};

export async function storage(options: StorageOptions): Promise<WorkloadReport> {
  const reports: PartReport[] = [];
  for (const part of options.parts) {
    const report = await runs[part](options);
    reports.push(report);
    options.progress(`${part}: ${report.holds ? "goals met" : "GOALS MISSED"}`);
  }
  const lines = reports.map(
    ({ headline, holds }) => `  ${headline}: ${holds ? "goals met" : "GOALS MISSED"}`,
  );
  return {
    workload: "storage",
    headline: ["storage", ...lines].join("\n"),
    data: { parts: reports, loadAverage: loadavg()[0] ?? 0 },
    holds: reports.length > 0 && reports.every(({ holds }) => holds),
  };
}
