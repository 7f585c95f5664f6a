/**
 * Keyrings of tests, in place of the native module and of nothing else: no test reads or writes the one of the machine.
 */
import { makeKeyring, type KeyringModule } from "../../src/credentials/keyring.ts"

/** What a keyring holds, by `service/account`. */
export type Entries = Map<string, string>

/** The module, over entries in memory. */
export const fakeModule = (entries: Entries): KeyringModule => ({
  AsyncEntry: class {
    readonly #name: string
    constructor(service: string, account: string) {
      this.#name = `${service}/${account}`
    }
    getPassword = (): Promise<string | null> => Promise.resolve(entries.get(this.#name) ?? null)
    setPassword = (password: string): Promise<void> => {
      entries.set(this.#name, password)
      return Promise.resolve()
    }
    deletePassword = (): Promise<boolean> => Promise.resolve(entries.delete(this.#name))
  }
})

/** A keyring that works. */
export const keyringOf = (entries: Entries) => makeKeyring(() => Promise.resolve(fakeModule(entries)))

/** The keyring of a machine for which there is no native module. */
export const noKeyring = makeKeyring(() =>
  Promise.reject(Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" }))
)

/** A keyring that answers with an error, like one that nobody unlocks. */
export const lockedKeyring = makeKeyring(() =>
  Promise.reject(new Error("Couldn't access platform storage: Secret Service: unlock prompt was dismissed\nx"))
)
