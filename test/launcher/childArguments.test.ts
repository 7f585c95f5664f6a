import { describe, expect, it } from "@effect/vitest"
import { planArguments } from "../../src/launcher/childArguments.ts"

const plan = (line: string, facts?: { readonly translated?: boolean; readonly settingsMode?: string }) =>
  planArguments(
    line.split(" ").filter((word) => word !== ""),
    { translated: facts?.translated ?? true, settingsMode: facts?.settingsMode }
  )

describe("the permission mode of Claude Code", () => {
  const asked = ["", "--continue", "hello", "--resume 1 hello", "-- --print", "-- -p", "--model x", "--debug mcp"]
  for (const line of asked) {
    it(`becomes an asking one for "claude ${line}"`, () => {
      const words = line.split(" ").filter((word) => word !== "")
      expect(plan(line).arguments).toEqual(["--permission-mode", "default", ...words])
      expect(plan(line).added.map(({ argument }) => argument)).toEqual(["--permission-mode default"])
    })
  }

  const left = [
    "--permission-mode plan",
    "--permission-mode=acceptEdits hello",
    "--dangerously-skip-permissions",
    "hello --dangerously-skip-permissions",
    "-p hello",
    "hello --print",
    "-pc",
    "-cp hello",
    "mcp list",
    "doctor",
    "update",
    "config set -g theme dark",
    "agents",
    "--version",
    "--help"
  ]
  for (const line of left) {
    it(`is left alone for "claude ${line}"`, () => {
      expect(plan(line).arguments).toEqual(line.split(" "))
      expect(plan(line).added).toEqual([])
    })
  }

  it("is left alone where the settings choose one that works", () => {
    expect(plan("hello", { settingsMode: "plan" }).arguments).toEqual(["hello"])
    expect(plan("hello", { settingsMode: "auto" }).arguments).toEqual(["--permission-mode", "default", "hello"])
  })

  it("is left alone where nothing is translated", () => {
    expect(plan("hello", { translated: false }).arguments).toEqual(["hello"])
  })
})

describe("an interactive session", () => {
  const cases: ReadonlyArray<readonly [string, boolean]> = [
    ["", true],
    ["fix the tests", true],
    ["--model opus", true],
    ["fix it -- -p", true],
    ["--plugin-dir x", true],
    ["-c", true],
    ["-p", false],
    ["-pc hello", false],
    ["fix the tests --print", false],
    ["--output-format json -p x", false],
    ["mcp list", false],
    ["--version", false]
  ]
  for (const [line, expected] of cases) {
    it(`is ${expected ? "" : "not "}what "claude ${line}" starts`, () => expect(plan(line).interactive).toBe(expected))
  }
})

describe("the gateway", () => {
  const needless = ["--help", "-h", "mcp list", "doctor", "update", "plugin install x", "auth status"]
  for (const line of needless) {
    it(`is not needed for "claude ${line}"`, () => expect(plan(line).needsGateway).toBe(false))
  }
  const needed = ["", "hello", "--version", "-v", "-p hello", "mcp serve", "agents", "--resume", "-- update"]
  for (const line of needed) {
    it(`is needed for "claude ${line}"`, () => expect(plan(line).needsGateway).toBe(true))
  }
})
