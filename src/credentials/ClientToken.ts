/**
 * The secret with which a client proves to the gateway that it belongs to the user: random, made once per installation,
 * kept in a file that only the user may read. `CLAUDEX_PROXY_TOKEN` takes its place where the two sides cannot share a
 * file. It is not a provider's key and opens nothing but the local gateway.
 */
import { type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import { Context, Data, Effect, Encoding, Layer, Redacted } from "effect"
import { Environment, variable } from "../config/Environment.ts"
import { Paths } from "../config/Paths.ts"
import { sweepDrafts } from "../machine/drafts.ts"
import { createExclusively } from "../machine/exclusiveFile.ts"
import { lookAt } from "../machine/lookAt.ts"
import { refusedWhy } from "../machine/refused.ts"

/** The environment variable that replaces the token of the file. */
export const clientTokenVariable = "CLAUDEX_PROXY_TOKEN"

/** The token cannot be read, made or used. Never contains it. */
export class ClientTokenError extends Data.TaggedError("ClientTokenError")<{
  readonly message: string
  /** What the user can type or do about it. */
  readonly next: string
}> {}

/** What an HTTP header can carry in one word. */
const printable = /^[\x21-\x7e]+$/

/** 256 bits in base64url. */
const random = Effect.sync(() => Encoding.encodeBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(32))))

const tokenFile = Effect.zipWith(Path.Path, Paths, (path, { stateDir }) => path.join(stateDir, "token"))

const fromFile = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { stateDir } = yield* Paths
  const file = yield* tokenFile
  const unusable = (problem: string, next: string) => new ClientTokenError({ message: `${problem}.`, next })
  const refused = (problem: string, next: string) => (error: PlatformError.PlatformError) =>
    unusable(`${problem}: ${refusedWhy(error)}`, next)
  const kept = fs.readFileString(file).pipe(Effect.map((text) => text.trim()))
  yield* fs.exists(file).pipe(
    Effect.flatMap((exists) =>
      exists ? sweepDrafts(file) : Effect.flatMap(random, (fresh) => createExclusively(file, `${fresh}\n`))
    ),
    Effect.catchAll((error) =>
      Effect.flatMap(lookAt(stateDir), (next) => refused(`The client token cannot be kept in ${file}`, next)(error))
    )
  )
  const token = yield* Effect.mapError(kept, refused(`The client token in ${file} cannot be read`, `ls -l ${file}`))
  if (token.length < 16 || !printable.test(token)) {
    return yield* unusable(`The client token in ${file} is damaged`, `rm ${file}`)
  }
  // a copied or restored file may have become readable for others
  yield* Effect.ignore(fs.chmod(file, 0o600))
  return token
})

const load = Effect.gen(function* () {
  const chosen = variable(yield* Environment, clientTokenVariable)
  if (chosen === undefined) return Redacted.make(yield* fromFile)
  if (printable.test(chosen)) return Redacted.make(chosen)
  return yield* new ClientTokenError({
    message: `${clientTokenVariable} must be one word of printable ASCII characters.`,
    next: `export ${clientTokenVariable}=$(openssl rand -hex 32)`
  })
})

/**
 * Puts the token of a running gateway back where its file is gone. False where clients cannot know it: another one is there
 * by now, which stays, or none can be kept.
 */
export const restoreToken = (
  token: Redacted.Redacted<string>
): Effect.Effect<boolean, never, Environment | Paths | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    if (variable(yield* Environment, clientTokenVariable) !== undefined) return true
    const fs = yield* FileSystem.FileSystem
    const file = yield* tokenFile
    if (!(yield* fs.exists(file))) yield* createExclusively(file, `${Redacted.value(token)}\n`)
    return (yield* fs.readFileString(file)).trim() === Redacted.value(token)
  }).pipe(Effect.orElseSucceed(() => false))

export class ClientToken extends Context.Tag("claudex/ClientToken")<ClientToken, Redacted.Redacted<string>>() {
  /** The token of this installation; made when there is none yet. */
  static readonly layer: Layer.Layer<
    ClientToken,
    ClientTokenError,
    Environment | Paths | FileSystem.FileSystem | Path.Path
  > = Layer.effect(ClientToken, load)
}
