import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { Effect } from "effect"
import { build } from "rolldown"
import { expect, onTestFinished, test } from "vitest"
import { faultNames } from "../../src/testing/faults.ts"
import { bin, built } from "../support/build.ts"
import { chaos } from "./engine.ts"

test("a gateway among failing providers and leaving clients answers in words that clients read, and lets go of everything", async () => {
  await built()
  const programs = await mkdtemp(join(tmpdir(), "claudex-chaos-"))
  onTestFinished(() => rm(programs, { recursive: true, force: true }))
  const probe = join(programs, "probe.mjs")
  await build({
    input: resolve("test/chaos/probe.ts"),
    platform: "node",
    tsconfig: false,
    logLevel: "warn",
    output: { file: probe, format: "esm" }
  })
  const report = await Effect.runPromise(
    chaos({ bin, probe, clients: 12, seed: 7, warmUp: 300, rounds: 1, goesOn: (requests) => requests < 400 })
  )
  // memory needs more requests than these to find its level
  expect(report.violations.filter((text) => !text.includes("MB"))).toEqual([])
  expect(report.requests).toBeGreaterThanOrEqual(700)
  expect(faultNames.length).toBeGreaterThan(20)
})
