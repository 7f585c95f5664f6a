/** Which script of the built command loads which, read off the scripts. */
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { bin } from "../support/build.ts"

/** The first script of the command, which `bin` runs. */
export const program = join(dirname(bin), "program.js")

/** Loaded before the first line of a script runs. */
export const atOnce = /\b__need\(["'`](\.[^"'`]+)["'`]\)/g

/** Loaded when the script asks for it. */
export const later = /\b__later\(["'`](\.[^"'`]+)["'`]\)/g

export const named = async (file: string, how: RegExp): Promise<ReadonlyArray<string>> =>
  [...(await readFile(file, "utf8")).matchAll(how)].map(([, path = ""]) => join(dirname(file), path))

/** The scripts that are loaded with one, itself included; with those that it may load later, if asked for. */
export const reached = async (
  file: string,
  how: ReadonlyArray<RegExp>,
  seen = new Set<string>()
): Promise<ReadonlySet<string>> => {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const one of how) for (const next of await named(file, one)) await reached(next, how, seen)
  return seen
}
