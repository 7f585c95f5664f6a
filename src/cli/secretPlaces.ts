/** Where secrets stand in a configuration, and what is shown there instead. Pure. */
import { secretParameter } from "../provider/endpoint.ts"

/** What is shown instead of a secret. */
export const masked = "[masked]"

/** Tables whose values may be keys, whatever they are called. */
const secretTables: ReadonlySet<string> = new Set(["custom_headers", "extra_env"])

/** Whether what stands at a path is a secret, by its last two keys. */
export const isSecretPlace = (path: ReadonlyArray<string>): boolean => {
  const [key = "", table = ""] = path.slice(-2).toReversed()
  return key === "api_key" || secretTables.has(table) || (table === "query_params" && secretParameter.test(key))
}

/** Keys that hold the name of a profile, which may look like a key and is none. */
const nameKeys: ReadonlySet<string> = new Set(["default_profile", "backup_providers"])

/** Whether what stands at a path is a name, and no secret whatever it looks like. Profiles stand there without their place. */
export const isNamePlace = (path: ReadonlyArray<string>): boolean =>
  nameKeys.has(path.at(-1) ?? "") || path.join(".") === "profiles.name"

/** A secret that stands elsewhere, also behind the word that a header has before it. */
export const isReference = (text: string): boolean =>
  /^(?:(?:bearer|basic|token) )?\$\{[A-Za-z_][A-Za-z0-9_]*\}$/i.test(text)
