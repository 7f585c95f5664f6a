import { FileSystem, Path } from "@effect/platform"
import { Effect, Either } from "effect"
import { readForEdit, replaceText } from "../../config/ConfigEdit.ts"
import { Environment, variable } from "../../config/Environment.ts"
import { foreground } from "../../launcher/foreground.ts"
import { refusedWhy } from "../../machine/refused.ts"
import { agrees, canAsk } from "../ask.ts"
import { alone, refusal } from "../editing.ts"
import { complain, Failure, print, remark } from "../output.ts"
import { Where } from "../services.ts"

/** Runs the user's editor; its words may hold options, so a shell takes them apart. */
const openEditor = (draft: string) =>
  Effect.gen(function* () {
    const environment = yield* Environment
    const chosen = variable(environment, "VISUAL") ?? variable(environment, "EDITOR")
    if (chosen === undefined && !process.stdin.isTTY) {
      return yield* new Failure({
        message: "There is no terminal here for an editor, and neither VISUAL nor EDITOR names one.",
        next: "claudex config set KEY VALUE",
        code: 2
      })
    }
    const editor = chosen ?? "vi"
    const set = Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const]
    )
    const code = yield* foreground({
      program: "/bin/sh",
      arguments: ["-c", `${editor} "$1"`, "sh", draft],
      environment: Object.fromEntries(set)
    }).pipe(Effect.mapError((error) => new Failure({ message: error.message, code: 1 })))
    if (code !== 0) {
      return yield* new Failure({ message: `The editor (${editor}) ended with ${code}. Nothing was changed.`, code: 1 })
    }
  })

const inDraft = (error: { readonly message: string }) =>
  new Failure({ message: `The draft cannot be used: ${refusedWhy(error)}.`, code: 1 })

/**
 * `claudex config edit`: the file in the user's editor. What was written there takes the file's place when the configuration
 * is valid with it; if not it may be mended, and is kept in any case.
 */
export const handle = ({ global }: { readonly global: boolean }) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const where = yield* Where
    const layer = global ? "global" : undefined
    const read = yield* Effect.mapError(readForEdit(where, layer), refusal)
    const folder = yield* Effect.mapError(fs.makeTempDirectory({ prefix: "claudex-edit-" }), inDraft)
    const draft = path.join(folder, path.basename(read.target.path))
    const discard = Effect.ignore(fs.remove(folder, { recursive: true }))
    yield* Effect.mapError(fs.writeFileString(draft, read.text, { mode: 0o600 }), inDraft)
    // an editor that crashes has saved before what it could
    const hasWritten = Effect.match(fs.readFileString(draft), {
      onFailure: () => false,
      onSuccess: (text) => text !== read.text
    })
    const look = openEditor(draft).pipe(
      Effect.catchAll((error) =>
        Effect.flatMap(hasWritten, (something) =>
          something ? Effect.fail(kept(error, draft)) : Effect.zipRight(discard, Effect.fail(error))
        )
      ),
      Effect.onInterrupt(() =>
        Effect.flatMap(hasWritten, (something) => (something ? complain(keptIn(draft)) : discard))
      )
    )
    yield* look
    for (;;) {
      const text = yield* Effect.mapError(fs.readFileString(draft), inDraft)
      const edited = yield* Effect.either(alone(Effect.mapError(replaceText(where, read, text), refusal)))
      if (Either.isRight(edited)) {
        yield* discard
        const { file, outcome } = edited.right
        return yield* print(outcome === "same" ? `${file} is as it was.` : `${file} has been changed.`)
      }
      const { text: now } = yield* Effect.orElseSucceed(readForEdit(where, layer), () => read)
      // who looks at it again would see nothing of what the other one wrote
      if (!canAsk() || now !== read.text) return yield* kept(edited.left, draft)
      yield* remark(edited.left.message)
      const again = agrees("Edit it again?").pipe(Effect.tapError(() => complain(keptIn(draft))))
      if (!(yield* again)) return yield* kept(edited.left, draft)
      yield* look
    }
  })

const keptIn = (draft: string) => ({ message: `What you wrote is kept in ${draft}`, next: "claudex config edit" })

const kept = ({ code, message }: Failure, draft: string): Failure => {
  const { message: where, next } = keptIn(draft)
  return new Failure({ message: `${message}\n${where}`, next, code })
}
