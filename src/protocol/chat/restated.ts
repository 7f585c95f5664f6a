/** Tool arguments that begin anew behind others: which servers and relays send for more than one reason. */
import { isDeeperThan, isObject, isSameJson, maxNesting, parseJson } from "../json.ts"
import { jsonPrefix } from "../jsonPrefix.ts"

/** Whether arguments are complete. Looks at their end first, for they are asked about while they grow. */
export const isWhole = (args: string): boolean => args.trimEnd().endsWith("}") && isObject(parseJson(args))

/** The beginning of an object. It stands in the middle of arguments too, but seldom, so that looking back is cheap. */
export const beginsObject = (args: string): boolean => /^\s*\{\s*["}]/.test(args)

/** Both are whole. */
const areSame = (one: string, other: string): boolean => {
  const value = parseJson(one)
  return isDeeperThan(maxNesting, value) ? one.trim() === other.trim() : isSameJson(value, parseJson(other))
}

/** What of `whole` stands behind `known`, if it begins with that up to the white space between words. */
const behind = (known: string, whole: string): string | undefined => {
  let at = 0
  let inString = false
  for (let i = 0; i < known.length; i++) {
    const character = known.charAt(i)
    if (!inString) {
      if (/\s/.test(character)) continue
      while (/\s/.test(whole.charAt(at))) at += 1
    }
    if (whole.charAt(at) !== character) return undefined
    at += 1
    if (inString && character === "\\") {
      i += 1
      if (i === known.length) break
      if (whole.charAt(at) !== known.charAt(i)) return undefined
      at += 1
    } else if (character === '"') inString = !inString
  }
  return whole.slice(at)
}

/**
 * What arguments that begin anew behind others are: the same ones again, all of them so far and more, those of another call
 * under the same number (Gemini's), or a part like any other. Answers with what is new of them, or "another". What is said
 * again may be spaced otherwise.
 * [NousResearch/hermes-agent#62937, #35718; decolua/9router#2869; anomalyco/opencode#17339; vllm-project/vllm#36857, #42167]
 */
export const newOf = (known: string, args: string): string | "another" => {
  // the arguments first: to look at what is known costs its length
  if (!beginsObject(args) || known.trim() === "" || /^\s*\{\s*\}\s*$/.test(known)) return args
  if (isWhole(known)) {
    if (!isWhole(args)) return args
    return areSame(known, args) ? "" : "another"
  }
  const rest = behind(known, args)
  return rest !== undefined && jsonPrefix().push(known + args) === "broken" ? rest : args
}
