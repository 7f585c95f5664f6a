/**
 * The profiles for a shell that completes a command line: one name a line. Whatever is wrong there is nobody to tell it
 * to: then there are no names, nothing on stderr, and the exit code is 0. Loads no more than the configuration needs.
 */
import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { Effect, Layer, Logger, LogLevel, Option } from "effect"
import { anchorOf } from "../../config/anchor.ts"
import { Config } from "../../config/Config.ts"
import { Environment } from "../../config/Environment.ts"
import { Paths } from "../../config/Paths.ts"

const services = Config.layer.pipe(
  Layer.provideMerge(Paths.layer),
  Layer.provideMerge(Layer.mergeAll(Environment.layer, NodeFileSystem.layer, NodePath.layer))
)

/** A name is a line for the shell, and shown by it as it is. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const isLine = (name: string): boolean => !/[\u0000-\u001f\u007f-\u009f]/.test(name)

const names = (argv: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const at = argv.indexOf("--config")
    const flag = Option.fromNullable(at < 0 ? undefined : argv[at + 1])
    const anchor = anchorOf(process.cwd(), flag, yield* Environment)
    const { settings } = yield* (yield* Config).load(anchor)
    const wanted = settings.profiles.filter((profile) => profile.enabled || argv.includes("--all"))
    return wanted.map((profile) => profile.name).filter(isLine)
  }).pipe(
    Effect.provide(services),
    Logger.withMinimumLogLevel(LogLevel.None),
    Effect.catchAllCause(() => Effect.succeed([]))
  )

/** Prints the names; `argv` is what follows the word. */
export const main = (argv: ReadonlyArray<string>): Promise<void> =>
  Effect.runPromise(
    Effect.map(names(argv), (found) => {
      process.stdout.write(found.map((name) => `${name}\n`).join(""))
    })
  )
