/** A user whose keyring is a file of the test's, or none that works; the one of the machine is not touched. */
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { makeUser } from "./claudex.ts"

/** A module in place of the native one, for a whole process: its entries are a file of the test's. */
const keyringModule = `
import { readFileSync, writeFileSync } from "node:fs"
const file = process.env.TEST_KEYRING
const all = () => { try { return JSON.parse(readFileSync(file, "utf8")) } catch { return {} } }
export class AsyncEntry {
  constructor(service, account) {
    if (file === undefined) throw new Error("no keyring here")
    this.name = service + "/" + account
  }
  async getPassword() { return all()[this.name] ?? null }
  async setPassword(text) { writeFileSync(file, JSON.stringify({ ...all(), [this.name]: text })) }
  async deletePassword() {
    const { [this.name]: mine, ...rest } = all()
    writeFileSync(file, JSON.stringify(rest))
    return mine !== undefined
  }
}`

const hook = (module: string) => `
import { register } from "node:module"
const code = 'export const resolve = (name, context, next) => name === "@napi-rs/keyring"' +
  ' ? { url: ${JSON.stringify(module)}, shortCircuit: true } : next(name, context)'
register("data:text/javascript," + encodeURIComponent(code))`

/** A user, and what has claudex find our module; with `keyring`, one that works. */
export const makeKeyUser = async (text: string, keyring = false) => {
  const user = await makeUser(text)
  const module = await user.write("keyring/module.mjs", keyringModule)
  const register = await user.write("keyring/register.mjs", hook(pathToFileURL(module).href))
  const entries = join(user.root, "keyring/entries.json")
  const env = {
    NODE_OPTIONS: `--import ${pathToFileURL(register).href}`,
    ...(keyring ? { TEST_KEYRING: entries } : {})
  }
  const run = (line: string, input = "") => user.run(line.split(" "), { env, input })
  return { user, env, run, file: join(user.stateDir, "secrets.json") }
}
