// Two projects: `fast` runs two files at a time; `e2e` starts real processes that want the machine, so
// its files run one by one, after the fast ones.
import { defineConfig, type ViteUserConfig } from "vitest/config";

const everyTest = "test/**/*.test.ts";
const endToEnd = "test/e2e/**/*.test.ts";

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks",
    reporters: ["default", "./test/support/closing-line-reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: [everyTest],
          exclude: [endToEnd],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: [endToEnd],
          globalSetup: ["./test/support/global-setup.ts"],
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

export default config;
