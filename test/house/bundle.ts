/** The scripts of the built command, and which of them loads which, read off their texts. */
import { readFile } from "node:fs/promises"
import { unpacked } from "../../scripts/archive.mjs"
import { archive, built } from "../support/build.ts"

/** The text of each script by its name. */
export type Bundle = ReadonlyMap<string, string>

export const bundle = async (): Promise<Bundle> => {
  await built()
  return new Map([...unpacked(await readFile(archive))].map(([name, code]) => [name, code.toString()]))
}

/** The first script of the command. */
export const program = "program.js"

/** Loaded before the first line of a script runs. */
export const atOnce = /\b__need\(["'`]\.\/([^"'`]+)["'`]\)/g

/** Loaded when the script asks for it. */
export const later = /\b__later\(["'`]\.\/([^"'`]+)["'`]\)/g

export const named = (scripts: Bundle, script: string, how: RegExp): ReadonlyArray<string> =>
  [...(scripts.get(script) ?? "").matchAll(how)].map(([, name = ""]) => name)

/** The scripts that are loaded with one, itself included; with those that it may load later, if asked for. */
export const reached = (
  scripts: Bundle,
  script: string,
  how: ReadonlyArray<RegExp>,
  seen = new Set<string>()
): ReadonlySet<string> => {
  if (seen.has(script)) return seen
  seen.add(script)
  for (const one of how) for (const next of named(scripts, script, one)) reached(scripts, next, how, seen)
  return seen
}
