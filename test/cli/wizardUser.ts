/** Somebody who adds a profile in front of a terminal, and a provider that knows one key. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"
import { makeKeyUser } from "../support/keyUser.ts"
import { openTerminal, type TerminalOptions } from "../support/terminal.ts"

export const file = "home/.config/claudex/config.toml"
export const text = "# my settings\nproxy_port = 0  # any\n"
export const variable = "FAKE_API_KEY"
export const fine = { code: 0, asBefore: true, cursorShown: true }
export const left = { code: 130, asBefore: true, cursorShown: true }

/** A provider that lists models to those who have the key, and never answers when it is slow. */
export const provider = async (slow = false) => {
  const keys: Array<string | undefined> = []
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization)
    if (slow) return
    const isKnown = request.headers.authorization === "Bearer the-key"
    response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" })
    const data = ["grok-4", "grok-4-fast", "small-\u001b[2J1"].map((id) => ({ id, object: "model" }))
    response.end(JSON.stringify(isKnown ? { object: "list", data } : { error: { message: "no" } }))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // cast: a server that listens on a port has an address of this form
  const { port } = server.address() as AddressInfo
  return { keys, url: `http://127.0.0.1:${port}/v1` }
}

interface Situation extends TerminalOptions {
  /** Whether there is a keyring that works. */
  readonly keyring?: boolean
  /** A file that is there, and its text. */
  readonly own?: readonly [path: string, text: string]
}

/** Somebody who has a key in a variable and begins to add a profile. */
export const begin = async (
  { keyring = false, own, ...options }: Situation = {},
  words: ReadonlyArray<string> = []
) => {
  const { env, file: secrets, user } = await makeKeyUser(text, keyring)
  if (own !== undefined) await user.write(...own)
  const terminal = openTerminal(user, ["profile", "add", ...words], {
    ...options,
    env: { ...env, [variable]: "the-key", ...options.env }
  })
  const answer = async (question: string, typed: string) => {
    await terminal.until(question)
    terminal.type(typed)
  }
  return { user, terminal, answer, env, secrets: secrets.slice(user.root.length + 1) }
}

export type Begun = Awaited<ReturnType<typeof begin>>

export type Steps = ReadonlyArray<readonly [question: string, typed: string]>

export const walk = async ({ answer }: Pick<Begun, "answer">, path: Steps) => {
  for (const [question, typed] of path) await answer(question, typed)
}
