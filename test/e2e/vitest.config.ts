import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/** The suite with the real Claude Code: `npm run test:e2e`. Not part of `npm test`. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/e2e/**/*.test.ts"],
    // every scenario starts a gateway and a client; more at once than this only slows all of them down
    maxWorkers: 2,
    minWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: false
  }
})
