/** The entry without Node: what a bundler makes of it for a browser. */
import { join } from "node:path"
import { createContext, runInContext } from "node:vm"
import { rolldown } from "rolldown"
import { describe, expect, it } from "vitest"
import { AnthropicMessages, ChatScript } from "../../src/testing/index.ts"
import { project } from "./libraryUser.ts"

const programs = {
  all: `import * as claudex from "claudex"\nexport { claudex }`,
  nothing: `import "claudex"\nimport "claudex/Gateway"`,
  answer: `export { stream } from "claudex/Chat"`,
  namespace: `import { Chat } from "claudex"\nexport const stream = Chat.stream`,
  exchange: `
    import { Anthropic, Chat } from "claudex"
    import { Either } from "effect"
    export const ask = (request) =>
      Either.flatMap(Anthropic.decodeRequest(request), (conversation) =>
        Chat.encodeRequest(conversation, { model: "m", policy: Chat.genericPolicy }))
    export const answer = (context, bytes) => {
      const turn = Chat.stream(context)
      return turn.push(bytes) + turn.end()
    }`
} as const

const folderOfAll = () =>
  project(Object.fromEntries(Object.entries(programs).map(([name, code]) => [`${name}.js`, code])))

/** A program in one file, and all that the bundler had to say. */
const bundled = async (folder: string, name: keyof typeof programs, format: "esm" | "iife" = "esm") => {
  const complaints: Array<string> = []
  const bundle = await rolldown({
    input: join(folder, `${name}.js`),
    platform: "browser",
    onLog: (_, { message }) => complaints.push(message)
  })
  const { output } = await bundle.generate({ format, name: "program", minify: true })
  await bundle.close()
  return { code: output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join(""), complaints }
}

describe("the library in a browser", { timeout: 60_000 }, () => {
  it("needs nothing of Node", async () => {
    const { code, complaints } = await bundled(await folderOfAll(), "all")
    expect(complaints).toEqual([])
    expect(code.match(/(?:from|import|require)[\s(]*["'`]node:/g)).toBeNull()
  })

  it("translates where there are no globals but those of every platform", async () => {
    const { code } = await bundled(await folderOfAll(), "exchange", "iife")
    const bytes = new TextEncoder().encode(ChatScript.records({ text: "Hello" }).join(""))
    const world = createContext({ TextDecoder, TextEncoder, URL, crypto, bytes })
    const request = { model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] }
    const sse: unknown = runInContext(
      `${code}; program.answer(program.ask(${JSON.stringify(request)}).right.context, bytes)`,
      world
    )
    expect(AnthropicMessages.accumulateSse(String(sse))).toMatchObject({
      complete: true,
      message: { content: [{ text: "Hello" }] }
    })
  })

  it("leaves nothing in a program that uses nothing of it, and little in one that only reads answers", async () => {
    const folder = await folderOfAll()
    expect((await bundled(folder, "nothing")).code.trim()).toBe("")
    const { length } = (await bundled(folder, "answer")).code
    expect(length).toBeLessThan(90_000)
    // a namespace is taken apart like a module
    expect((await bundled(folder, "namespace")).code.length).toBeLessThan(length * 1.02)
  })
})
