import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** Properties that are tried more often take longer. */
const patience = Math.max(1, Number(process.env["FC_RUNS"] ?? 200) / 200)

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**"],
    setupFiles: ["test/support/seed.ts"],
    // one module registry per worker: importing Effect anew for every file costs more than most files' tests
    pool: "forks",
    isolate: false,
    // many tests wait for child processes: two workers are worth it even on two cores
    poolOptions: { forks: { minForks: 1, maxForks: Math.max(2, availableParallelism() - 1) } },
    // limits for what hangs, generous because a busy machine is no fault
    testTimeout: 120_000 * patience,
    hookTimeout: 60_000,
    // a test file that hides a test, or an empty run, must not pass
    allowOnly: false,
    passWithNoTests: false
  }
})
