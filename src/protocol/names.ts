/** Tool names within a provider's limits, reversibly (wire specification §4.8). */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"

/** The tool names of one exchange, in both directions. */
export interface NameMap {
  /** Client name → provider name. Total: a name not known when the map was made is shortened by the same rule. */
  readonly up: (name: string) => string
  /**
   * Provider name → client name: the exact inverse, else a unique case-insensitive match, else the same
   * behind the `functions.` that some models put before it, else the name trimmed.
   */
  readonly down: (name: string) => string
  /** Whether a provider name is one of the request's tools (after mapping). */
  readonly knows: (name: string) => boolean
}

/** What every known Chat Completions server takes. */
const commonPattern = /^[a-zA-Z0-9_-]{1,64}$/

const hashLength = 8
/** 55 + "_" + 8 = 64, the common limit; the shorter ones are for servers with a smaller one. */
const headLengths = [55, 47, 39, 31, 23, 15, 7, 0]
/** Some servers want a letter, or a letter or `_`, at the start. */
const starts = ["", "_", "t_"]

/** Before names of tools that OpenAI's models call, where they fall into the words they were trained with. */
const namespace = /^functions\./

const utf8 = new TextEncoder()

/** Unlike `test`, `search` keeps no state in a pattern that has the flag `g`. */
const matches = (pattern: RegExp, name: string): boolean => name.search(pattern) !== -1

/** A name that fits: readable head, then a hash of the whole name. `attempt` tells real collisions apart. */
const shorten = (name: string, pattern: RegExp, attempt: number): string => {
  const hash = bytesToHex(sha256(utf8.encode(attempt === 0 ? name : `${name}#${attempt}`))).slice(0, hashLength)
  const base = name.replace(/[^a-zA-Z0-9_-]/gu, "_")
  for (const length of headLengths) {
    for (const start of starts) {
      const candidate = `${(start + base).slice(0, length)}_${hash}`
      if (matches(pattern, candidate)) return candidate
    }
  }
  return `${base.slice(0, headLengths[0])}_${hash}`
}

/**
 * The name table of one request.
 *
 * Names that `pattern` allows stay as they are; the others get a name that depends on themselves only, so that histories
 * and prompt caches stay valid across requests and processes. `names` are all names that occur in the request, `tools`
 * those that the model may call now (default: all).
 */
export const makeNameMap = (
  names: Iterable<string>,
  options: { readonly pattern?: RegExp; readonly tools?: Iterable<string> } = {}
): NameMap => {
  const pattern = options.pattern ?? commonPattern
  const tools = options.tools === undefined ? undefined : [...options.tools]
  const all = new Set([...names, ...(tools ?? [])])
  const ups = new Map<string, string>()
  const downs = new Map<string, string>()
  const enter = (name: string, provider: string) => {
    ups.set(name, provider)
    downs.set(provider, name)
  }
  const shortenFree = (name: string): string => {
    for (let attempt = 0; ; attempt++) {
      const candidate = shorten(name, pattern, attempt)
      if (!downs.has(candidate)) return candidate
    }
  }
  const legal = (name: string) => matches(pattern, name)

  for (const name of all) if (legal(name)) enter(name, name)
  for (const name of [...all].filter((candidate) => !legal(candidate)).sort()) enter(name, shortenFree(name))

  const up = (name: string): string =>
    // A legal name that is not in the table may still be another name's short form: it must not reach that tool.
    ups.get(name) ?? (legal(name) && !downs.has(name) ? name : shortenFree(name))

  const callable = tools ?? [...all]
  const callableUp = new Set(callable.map(up))

  const loose = (name: string): string | undefined => {
    const wanted = name.toLowerCase()
    const meant = new Set(
      callable.filter((client) => client.toLowerCase() === wanted || up(client).toLowerCase() === wanted)
    )
    const [first] = meant
    return meant.size === 1 ? first : undefined
  }

  const meantBy = (name: string): string | undefined => downs.get(name) ?? (ups.has(name) ? name : loose(name))

  return {
    up,
    down: (name) => {
      const exact = downs.get(name)
      if (exact !== undefined) return exact
      const trimmed = name.trim()
      return meantBy(trimmed) ?? meantBy(trimmed.replace(namespace, "")) ?? trimmed
    },
    knows: (name) => callableUp.has(name)
  }
}
