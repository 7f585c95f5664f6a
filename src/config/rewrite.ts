/**
 * Puts new texts in the place of configuration files: what they do to the whole configuration is known before the first is
 * written, and each file is replaced as a whole or not at all.
 */
import { Data, Effect, Either } from "effect"
import { assemble, type ReadFile } from "./assemble.ts"
import type { FoundFile } from "./discovery.ts"
import { Environment } from "./Environment.ts"
import { ConfigError, type ConfigFault } from "./errors.ts"
import type { FileLayer } from "./LoadedConfig.ts"
import { writePrivateFile } from "../machine/privateFile.ts"
import { refusedWhy } from "../machine/refused.ts"
import { readText } from "./document.ts"
import { readFile } from "./readFile.ts"
import type { EditRefused } from "./tomlEdit.ts"

/** Why a setting was not changed. `file` is the one that would have been written. */
export class CannotEdit extends Data.TaggedError("CannotEdit")<{
  readonly file: string
  readonly path: string
  readonly reason: string
  readonly line?: number
  /** The command that clears the way. */
  readonly next?: string
}> {
  override get message(): string {
    const where = this.line === undefined ? this.file : `${this.file}:${this.line}`
    return `${where}: ${this.path === "" ? "" : `${this.path}: `}${this.reason}`
  }
}

export interface Edited {
  readonly file: string
  readonly layer: FileLayer
  /** `same`: it stood there already, or was not there to be taken away. */
  readonly outcome: "changed" | "created" | "same"
}

/** The files that take part, the weakest first, and the texts of those that are there. */
interface Files {
  readonly files: ReadonlyArray<FoundFile>
  readonly texts: ReadonlyMap<string, string>
}

const order: ReadonlyArray<FileLayer> = ["global", "project", "explicit"]

/** The same wherever the lines are: those of its place, and those that the message names, may have moved. */
const faultName = ({ message, path, source }: ConfigFault): string =>
  `${source}\0${path}\0${message.replace(/\(line \d+\)/, "")}`

interface NewText {
  readonly target: FoundFile
  readonly text: string
}

/** The faults that new texts bring, those aside that are there already. */
const newFaults = (files: ReadonlyArray<FoundFile>, texts: ReadonlyArray<NewText>) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const before = yield* Effect.forEach(files, readFile)
    const edited = yield* Effect.forEach(texts, ({ target: { layer, path }, text }) =>
      Effect.map(readText(text, layer, path), (content): ReadFile => ({ layer, path, content }))
    )
    const isEdited = (path: string) => edited.some((one) => one.path === path)
    const after = [...before.filter(({ path }) => !isEdited(path)), ...edited].toSorted(
      (one, other) => order.indexOf(one.layer) - order.indexOf(other.layer)
    )
    const faultsOf = (read: ReadonlyArray<ReadFile>) =>
      Either.match(assemble(read, environment, []), { onLeft: (faults) => faults, onRight: () => [] })
    const known = new Set(faultsOf(before).map(faultName))
    return faultsOf(after).filter((fault) => !known.has(faultName(fault)))
  })

/** One change of a text: under which name it is told, what it puts there, and how the text becomes another. */
export interface Step {
  readonly path: string
  readonly leak: boolean
  readonly text: (before: string) => Either.Either<string, EditRefused>
}

/** What becomes of one file, one step after the other. */
export interface Rewriting {
  readonly target: FoundFile
  readonly steps: ReadonlyArray<Step>
}

const leakRefused = "a project's file is read by others, expected api_key_env, or the user's own file (--global)"

const textAfter = ({ steps, target }: Rewriting, before: string): Either.Either<string, CannotEdit> =>
  steps.reduce<Either.Either<string, CannotEdit>>(
    (done, { leak, path, text }) =>
      Either.flatMap(done, (left) =>
        leak
          ? Either.left(new CannotEdit({ file: target.path, path, reason: leakRefused }))
          : Either.mapLeft(
              text(left),
              ({ line, message, next }) =>
                new CannotEdit({
                  file: target.path,
                  path,
                  reason: message,
                  ...(line === undefined ? {} : { line }),
                  ...(next === undefined ? {} : { next })
                })
            )
      ),
    Either.right(before)
  )

/**
 * Replaces the files, each by one write and in this order, if the configuration has no fault then that it did not have
 * before. What an interruption leaves is some of the files as they were, and the others as they are to be.
 */
export const rewriteAll = ({ files, texts }: Files, all: ReadonlyArray<Rewriting>) =>
  Effect.gen(function* () {
    const planned = yield* Effect.forEach(all, (rewriting) => {
      const before = texts.get(rewriting.target.path)
      return Either.map(textAfter(rewriting, before ?? ""), (text) => ({ ...rewriting, before, text }))
    })
    const differing = planned.filter(({ before, text }) => text !== (before ?? ""))
    if (differing.length > 0) {
      const faults = yield* newFaults(files, differing)
      if (faults.length > 0) return yield* new ConfigError({ faults })
    }
    return yield* Effect.forEach(planned, ({ before, steps, target, text }) => {
      const done = (outcome: Edited["outcome"]): Edited => ({ file: target.path, layer: target.layer, outcome })
      if (text === (before ?? "")) return Effect.succeed(done("same"))
      return writePrivateFile(target.real, text).pipe(
        Effect.mapError(
          (error) =>
            new CannotEdit({
              file: target.path,
              path: steps[0]?.path ?? "",
              reason: `cannot be written (${refusedWhy(error)})`
            })
        ),
        Effect.as(done(before === undefined ? "created" : "changed"))
      )
    })
  })

/** The same of one file. */
export const rewrite = (files: Files, { target, ...step }: Step & Pick<Rewriting, "target">) =>
  Effect.flatMap(rewriteAll(files, [{ target, steps: [step] }]), ([edited]) =>
    edited === undefined ? Effect.dieMessage("every file that is rewritten is answered for") : Effect.succeed(edited)
  )
