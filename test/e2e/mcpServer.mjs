/**
 * A minimal MCP server over stdio, without dependencies: two tools whose names share their first 99 characters, and
 * that say which of them was called.
 */
import { createInterface } from "node:readline"

const stem = "tell_the_secret_of_the_vault_with_a_name_that_is_very_long"
const schema = { type: "object", properties: { who: { type: "string" } }, required: ["who"] }
const tools = ["alpha", "omega"].map((last) => ({
  name: `${stem}_${last}`,
  description: `The ${last} tool.`,
  inputSchema: schema
}))

const results = {
  initialize: (params) => ({
    protocolVersion: params.protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "vault", version: "1.0.0" }
  }),
  ping: () => ({}),
  "tools/list": () => ({ tools }),
  "tools/call": ({ name, arguments: args }) => ({
    content: [{ type: "text", text: `${name.slice(stem.length + 1)} says to ${args.who}: vault-secret-77` }]
  })
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const result = results[method]
  const answer =
    result === undefined
      ? { error: { code: -32_601, message: `no method ${method}` } }
      : { result: result(params ?? {}) }
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`)
})
