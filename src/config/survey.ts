/**
 * What stands at some paths, told apart from what stood there before, at little cost: a gateway asks for every request
 * that follows a pause.
 *
 * Most paths hold nothing, and asking for each of them in vain is what costs. So directories are looked at instead: as
 * long as a directory is the one it was, what was not in it is still not in it.
 */
import { FileSystem, Path } from "@effect/platform"
import { Effect, Option } from "effect"

/** What was seen at one path. */
export interface Seen {
  readonly kind: "nothing" | "file" | "directory"
  /** Tells one state from the next. */
  readonly stamp: string
  /**
   * Whether a later change must give another stamp. File systems count time in steps: two changes in one step leave the
   * same time, so a state is only sure once its last change is well in the past.
   */
  readonly settled: boolean
}

/** The paths that were asked for, and all directories above them. */
export type Survey = ReadonlyMap<string, Seen>

/** Longer than the step of any file system in use (FAT: two seconds), in milliseconds. */
const step = 2_000

const nothing: Seen = { kind: "nothing", stamp: "", settled: true }

const seenOf = (info: FileSystem.File.Info, now: number): Seen => {
  const changed = Option.match(info.mtime, { onNone: () => Infinity, onSome: (date) => date.getTime() })
  const identity = [changed, info.dev, Option.getOrElse(info.ino, () => 0), info.mode]
  const directory = info.type === "Directory"
  return {
    kind: directory ? "directory" : "file",
    stamp: (directory ? identity : [...identity, info.size]).join(":"),
    settled: changed < now - step
  }
}

const isSame = (before: Seen | undefined, after: Seen | undefined): boolean =>
  before !== undefined && after !== undefined && before.settled && before.stamp === after.stamp

/** Whether nothing has changed at these paths between two surveys. */
export const isUnchanged = (paths: ReadonlyArray<string>, before: Survey, after: Survey): boolean =>
  paths.every((path) => isSame(before.get(path), after.get(path)))

/** Paths with all directories above them, each after the one that holds it. */
const withParents = (paths: ReadonlyArray<string>, path: Path.Path): ReadonlyArray<string> => {
  const all = new Set<string>()
  const add = (one: string): void => {
    if (all.has(one)) return
    const parent = path.dirname(one)
    if (parent !== one) add(parent)
    all.add(one)
  }
  paths.forEach(add)
  return [...all]
}

/**
 * Looks at absolute paths, without reading them; `now` in milliseconds, `before` the last survey of the same paths. What
 * cannot be reached counts as nothing.
 */
export const survey = (
  paths: ReadonlyArray<string>,
  now: number,
  before: Survey = new Map()
): Effect.Effect<Survey, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const look = (one: string) =>
      fs.stat(one).pipe(Effect.match({ onFailure: () => nothing, onSuccess: (info) => seenOf(info, now) }))

    const seen = new Map<string, Seen>()
    // one after the other: for so few quick questions, fibers cost more than they save
    for (const one of withParents(paths, path)) {
      const parent = path.dirname(one)
      const last = before.get(one)
      const empty =
        parent !== one &&
        (seen.get(parent)?.kind === "nothing" ||
          (last?.kind === "nothing" && isSame(before.get(parent), seen.get(parent))))
      seen.set(one, empty ? nothing : yield* look(one))
    }
    return seen
  })
