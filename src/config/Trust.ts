/**
 * The user's consent to what project files decide: a private list of files, each with a digest of the guarded keys it
 * had when the user agreed. Other guarded content, or the same file elsewhere, asks again.
 *
 * Invariants: nothing is trusted that was not asked for by `consent`; an unreadable list trusts nothing.
 */
import { type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import { Context, Data, Effect, Either, Layer, Option, Schema } from "effect"
import { find } from "./discovery.ts"
import { ConfigError } from "./errors.ts"
import { digestOf, type GuardedKey, guardedIn } from "./guarded.ts"
import type { Anchor } from "./LoadedConfig.ts"
import { Paths } from "./Paths.ts"
import { writePrivateFile } from "../machine/privateFile.ts"
import { refusedWhy } from "../machine/refused.ts"
import { readFile } from "./readFile.ts"

/** The list of consents could not be written. */
export class TrustStoreError extends Data.TaggedError("TrustStoreError")<{
  readonly file: string
  readonly cause: PlatformError.PlatformError
}> {
  override get message(): string {
    return `cannot write ${this.file}: ${refusedWhy(this.cause)}`
  }
}

/** A project file, the guarded keys it sets, and whether the user has agreed to exactly these. */
export interface ProjectTrust {
  readonly file: string
  readonly keys: ReadonlyArray<GuardedKey>
  readonly trusted: boolean
}

export class Trust extends Context.Tag("claudex/Trust")<
  Trust,
  {
    /** Where consents are kept. */
    readonly store: string
    /** Whether the user has agreed to these keys of a project file; `file` without symbolic links. */
    readonly isTrusted: (file: string, keys: ReadonlyArray<GuardedKey>) => Effect.Effect<boolean>
    /** The project file that an anchor finds, if any. */
    readonly inspect: (anchor: Anchor) => Effect.Effect<Option.Option<ProjectTrust>, ConfigError>
    /** Agrees to what the project file that an anchor finds wants to decide now. Answers what was agreed to. */
    readonly consent: (anchor: Anchor) => Effect.Effect<Option.Option<ProjectTrust>, ConfigError | TrustStoreError>
    /** Has what was agreed to of one file hold for another, which says the same; both without symbolic links. */
    readonly carry: (from: string, to: string) => Effect.Effect<void, TrustStoreError>
  }
>() {
  static readonly layer: Layer.Layer<Trust, never, FileSystem.FileSystem | Path.Path | Paths> = Layer.effect(
    Trust,
    Effect.suspend(() => make)
  )
}

/** Files without symbolic links, each with the digests that were agreed to, the latest last. */
const Store = Schema.parseJson(
  Schema.Struct({
    version: Schema.Literal(1),
    files: Schema.Record({ key: Schema.String, value: Schema.Array(Schema.String) })
  }),
  { space: 2 }
)

/** A file may be used in several settings (branches, `--config`), not in endlessly many. */
const digestsPerFile = 16

const make = Effect.gen(function* () {
  const places = yield* Paths
  const path = yield* Path.Path
  const fs = yield* FileSystem.FileSystem
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const store = path.join(places.stateDir, "trusted.json")
  const mutex = yield* Effect.makeSemaphore(1)

  const read = fs.readFileString(store).pipe(
    Effect.flatMap(Schema.decode(Store)),
    Effect.map(({ files }) => new Map(Object.entries(files))),
    Effect.orElseSucceed(() => new Map<string, ReadonlyArray<string>>())
  )

  const isTrusted = (file: string, keys: ReadonlyArray<GuardedKey>) =>
    keys.length === 0
      ? Effect.succeed(true)
      : Effect.map(read, (files) => files.get(file)?.includes(digestOf(keys)) ?? false)

  const inspect = (anchor: Anchor) =>
    Effect.gen(function* () {
      const { files } = yield* find(anchor, places)
      const project = files.find(({ layer }) => layer === "project")
      if (project === undefined) return Option.none()
      const layers = yield* Effect.forEach(files, readFile)
      const faults = layers.flatMap(({ content }) => (Either.isLeft(content) ? [content.left] : []))
      // what the user's own files hold decides what is guarded
      if (faults.length > 0) return yield* new ConfigError({ faults })
      const keys = guardedIn(layers)
      return Option.some({ file: project.real, keys, trusted: yield* isTrusted(project.real, keys) })
    }).pipe(Effect.provide(context))

  const note = (
    file: string,
    digestsIn: (files: ReadonlyMap<string, ReadonlyArray<string>>) => ReadonlyArray<string>
  ) =>
    Effect.gen(function* () {
      const files = yield* read
      const digests = digestsIn(files)
      if (digests.length === 0) return
      const others = (files.get(file) ?? []).filter((known) => !digests.includes(known))
      files.set(file, [...others, ...digests].slice(-digestsPerFile))
      const text = yield* Effect.orDie(Schema.encode(Store)({ version: 1, files: Object.fromEntries(files) }))
      yield* writePrivateFile(store, `${text}\n`)
    }).pipe(
      mutex.withPermits(1),
      Effect.mapError((cause) => new TrustStoreError({ file: store, cause })),
      Effect.provide(context)
    )

  const consent = (anchor: Anchor) =>
    Effect.gen(function* () {
      const project = yield* inspect(anchor)
      if (Option.isNone(project) || project.value.keys.length === 0) return project
      const { file, keys } = project.value
      yield* note(file, () => [digestOf(keys)])
      return Option.some({ ...project.value, trusted: true })
    })

  const carry = (from: string, to: string) => note(to, (files) => files.get(from) ?? [])

  return { store, isTrusted, inspect, consent, carry }
})
