/**
 * The system's keyring: the Keychain of macOS, the Credential Manager of Windows, the Secret Service of a Linux desktop. It is
 * reached through a native module that is an optional dependency, and loaded only when it is first asked: where there is
 * none, and on a machine without a desktop, every question fails with a reason.
 */
import { Data, Effect, Option, Redacted } from "effect"

/** The keyring cannot be used. Never contains a secret. */
export class KeyringFailure extends Data.TaggedError("KeyringFailure")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

export interface Keyring {
  readonly get: (account: string) => Effect.Effect<Option.Option<Redacted.Redacted<string>>, KeyringFailure>
  readonly set: (account: string, secret: Redacted.Redacted<string>) => Effect.Effect<void, KeyringFailure>
  /** False when there was none. */
  readonly remove: (account: string) => Effect.Effect<boolean, KeyringFailure>
}

interface Entry {
  readonly getPassword: (signal: AbortSignal) => Promise<string | null | undefined>
  readonly setPassword: (password: string, signal: AbortSignal) => Promise<unknown>
  readonly deletePassword: (signal: AbortSignal) => Promise<unknown>
}

/** What is used of the module `@napi-rs/keyring`. */
export interface KeyringModule {
  readonly AsyncEntry: new (
    service: string,
    account: string,
    options: { readonly linux: { readonly store: "secret-service" } }
  ) => Entry
}

/** Under this name the entries stand, as with the program that claudex follows. */
const service = "claudex"

/** A keyring that is locked asks its user first. */
const patience = "20 seconds"

/** What the module and the systems say, in words that tell the user more. */
const reasons: ReadonlyArray<readonly [RegExp, string]> = [
  [/MODULE_NOT_FOUND|native binding/i, "it is not supported on this machine"],
  [/D-?Bus/i, "none runs in this session"],
  [/\blocked\b|unlock prompt|interaction is not allowed/i, "it is locked"]
]

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "it does not work"
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : ""
  const [line = ""] = cause.message.split("\n")
  return reasons.find(([pattern]) => pattern.test(`${code} ${line}`))?.[1] ?? line
}

/** A keyring through the module that `load` imports; a module that was loaded stays. */
export const makeKeyring = (load: () => Promise<KeyringModule>): Keyring => {
  const ask = <A>(account: string, question: (entry: Entry, signal: AbortSignal) => Promise<A>) =>
    Effect.tryPromise({
      try: async (signal) => {
        const { AsyncEntry } = await load()
        // the kernel's keyring, the other one on Linux, forgets with the next start of the machine
        return await question(new AsyncEntry(service, account, { linux: { store: "secret-service" } }), signal)
      },
      catch: (cause) => new KeyringFailure({ reason: reasonOf(cause) })
    }).pipe(
      Effect.timeoutFail({
        duration: patience,
        onTimeout: () => new KeyringFailure({ reason: `it gave no answer in ${patience}` })
      })
    )
  return {
    get: (account) =>
      Effect.map(
        ask(account, (entry, signal) => entry.getPassword(signal)),
        (secret) => Option.map(Option.fromNullable(secret), (text) => Redacted.make(text))
      ),
    set: (account, secret) =>
      Effect.asVoid(ask(account, (entry, signal) => entry.setPassword(Redacted.value(secret), signal))),
    remove: (account) =>
      Effect.map(
        ask(account, (entry, signal) => entry.deletePassword(signal)),
        (removed) => removed === true
      )
  }
}

/** The one of this machine. */
export const systemKeyring: Keyring = makeKeyring(() => import("@napi-rs/keyring"))
