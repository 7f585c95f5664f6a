/**
 * The file of secrets: mode 0600, replaced as a whole. It also knows which secrets are in the system's keyring, so that it
 * changes whenever claudex stores one, wherever that is.
 */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Data, Effect, Option, Schema } from "effect"
import { writePrivateFile } from "../machine/privateFile.ts"

/** Secrets cannot be read or kept. Never contains one. */
export class SecretStoreError extends Data.TaggedError("SecretStoreError")<{
  readonly message: string
  /** What the user can type about it; absent where the secret has to be stored again. */
  readonly next?: string
}> {}

const Secrets = Schema.Struct({
  /** Those that are kept here, one for each account. */
  secrets: Schema.Array(Schema.Struct({ account: Schema.String, secret: Schema.String })),
  /** The accounts of which the system's keyring may hold a secret of ours; one that is kept here is newer. */
  keyring: Schema.Array(Schema.String)
})
export type Secrets = typeof Secrets.Type

const none: Secrets = { secrets: [], keyring: [] }

export const accountsIn = ({ keyring, secrets }: Secrets): ReadonlyArray<string> => [
  ...secrets.map(({ account }) => account),
  ...keyring
]

const decode = Schema.decodeUnknown(Schema.parseJson(Secrets))

const isAbsent = (error: PlatformError.PlatformError): boolean =>
  error._tag === "SystemError" && error.reason === "NotFound"

/** Bits that let others in; on Windows they mean nothing. */
const others = (mode: number): number => (globalThis.process.platform === "win32" ? 0 : mode & 0o077)

/** What the file holds; nothing when there is none. One that others may read is refused. */
export const readSecrets = (file: string): Effect.Effect<Secrets, SecretStoreError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const info = yield* fs.stat(file)
    if (others(info.mode) !== 0) {
      const mode = (info.mode & 0o777).toString(8).padStart(4, "0")
      return yield* new SecretStoreError({
        message: `${file} holds keys and others may read or change it (mode ${mode}).`,
        next: `chmod 600 ${file}`
      })
    }
    const text = yield* fs.readFileString(file)
    // what is wrong with it would be told with what it holds
    return yield* Effect.mapError(
      decode(text),
      () => new SecretStoreError({ message: `${file} is damaged.`, next: `mv ${file} ${file}.damaged` })
    )
  }).pipe(
    Effect.catchIf(
      (error): error is PlatformError.PlatformError => error._tag !== "SecretStoreError",
      (error) =>
        isAbsent(error)
          ? Effect.succeed(none)
          : Effect.fail(new SecretStoreError({ message: `${file} cannot be read.`, next: `ls -l ${file}` }))
    )
  )

/** Replaces the file. Whoever may write at the same time is kept out by the caller's lock. */
export const writeSecrets = (
  file: string,
  content: Secrets
): Effect.Effect<void, SecretStoreError, FileSystem.FileSystem | Path.Path> =>
  Effect.mapError(
    writePrivateFile(file, `${JSON.stringify(content, null, 2)}\n`),
    () => new SecretStoreError({ message: `${file} cannot be written.`, next: `ls -l ${file}` })
  )

/** Differs when the file was replaced. */
export const secretsVersion = (file: string): Effect.Effect<string, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { ino, mode, mtime, size } = yield* fs.stat(file)
    const time = Option.match(mtime, { onNone: () => 0, onSome: (date) => date.getTime() })
    return [time, Option.getOrElse(ino, () => 0), mode, size].join(":")
  }).pipe(Effect.orElseSucceed(() => ""))
