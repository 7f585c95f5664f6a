/** What to tell about a path that leads to no setting. Pure. */
import { keyPath } from "../config/keyPath.ts"
import type { SettingPath } from "../config/settingPath.ts"
import { below, fileShape, type Shape } from "../config/shape.ts"
import { nearest } from "../config/suggest.ts"
import { shellWord } from "../launcher/shell.ts"
import { Failure } from "./output.ts"

/** Whether the schema has such a setting, given or not; those of a profile that does not exist yet count. */
export const isSetting = (path: SettingPath): boolean => path.reduce<Shape | undefined>(below, fileShape) !== undefined

/** The keys there are; undefined where any would do. */
const keysOf = (shape: Shape | undefined, profiles: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  if (shape?.kind === "list") return profiles
  return shape?.kind === "table" && shape.rest === undefined ? [...shape.keys.keys()] : undefined
}

/** The path with each unknown key replaced by the one that was probably meant. */
const meant = (path: SettingPath, profiles: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  let shape: Shape | undefined = fileShape
  const found: Array<string> = []
  for (const key of path) {
    const keys = keysOf(shape, profiles)
    const close: string | undefined = keys === undefined || keys.includes(key) ? key : nearest(key, keys)
    shape = close === undefined ? undefined : below(shape, close)
    if (close === undefined || shape === undefined) return undefined
    found.push(close)
  }
  return found
}

/**
 * Nothing stands at the path, because nothing was set there or because there can be nothing. `command` is the one to type
 * with the right path; `profiles` are their names.
 */
export const notThere = (path: SettingPath, profiles: ReadonlyArray<string>, command: string): Failure => {
  const name = keyPath(path)
  const close = keyPath(meant(path, profiles) ?? path)
  if (close !== name) {
    return new Failure({
      message: `There is no setting "${name}". Did you mean "${close}"?`,
      next: `${command} ${shellWord(close)}`,
      code: 1
    })
  }
  const message = isSetting(path) ? `${name} is not set.` : `There is no setting "${name}".`
  return new Failure({ message, next: "claudex config show --json", code: 1 })
}
