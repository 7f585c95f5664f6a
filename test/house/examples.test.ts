import { beforeAll, describe, expect, it } from "vitest"
import { root, run, runTool } from "./support.ts"

/** Runs an example the way a user's program runs: compiled, and with `claudex` resolved through the package's exports. */
const example = async (name: string): Promise<string> => {
  const { code, stdout, stderr } = await run(process.execPath, [`dist/examples/${name}.js`], { cwd: root })
  expect([code, stderr]).toEqual([0, ""])
  return stdout
}

describe("the examples", () => {
  beforeAll(async () => {
    const built = await run(process.execPath, ["scripts/build.mjs", "--only", "lib", "--if-stale"], { cwd: root })
    expect(built.code, built.stderr).toBe(0)
    const compiled = await runTool("typescript/bin/tsc", ["-p", "examples"], root)
    expect(compiled.code, compiled.stdout).toBe(0)
  }, 60_000)

  it("translate a request and a stream without a server", async () => {
    const [request = "", ...events] = (await example("translate")).split("\n")
    expect(JSON.parse(request.replace("to the provider: ", ""))).toMatchObject({
      model: "grok-4",
      messages: [
        { role: "system", content: "Answer briefly." },
        { role: "user", content: "What is in README.md?" }
      ],
      tools: [{ type: "function", function: { name: "Read" } }]
    })
    const names = events.filter((line) => line.startsWith("event: ")).map((line) => line.slice("event: ".length))
    expect(names[0]).toBe("message_start")
    expect(names.at(-1)).toBe("message_stop")
    expect(events.join("\n")).toContain(`"name":"Read"`)
    expect(events.join("\n")).toContain(`"stop_reason":"tool_use"`)
  })

  it("serve a conversation from the gateway's layers inside another program", async () => {
    const printed = await example("gateway")
    expect(printed).toContain("event: message_start")
    expect(printed).toContain("Hello from ")
    expect(printed).toContain("event: message_stop")
    expect(printed).toContain(`the provider was asked for {"model":"acme-large"`)
  })
})
