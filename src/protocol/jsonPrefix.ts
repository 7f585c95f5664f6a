/**
 * Tells, while JSON text still arrives, whether it can become one JSON object: tool arguments are forwarded only as
 * long as they can, because a client completes a cut prefix silently.
 */

/** `open`: a proper prefix of a JSON object. `complete`: an object, perhaps with white space behind. */
export type PrefixState = "open" | "complete" | "broken"

export interface JsonPrefix {
  readonly push: (text: string) => PrefixState
  readonly state: () => PrefixState
}

/** What may come next, outside of strings. */
const expecting = { value: 0, firstKey: 1, key: 2, colon: 3, comma: 4, firstItem: 5 } as const
type Expect = (typeof expecting)[keyof typeof expecting]

const literals: { readonly [first: string]: string } = { t: "true", f: "false", n: "null" }
/** The states of a number after which it may end. */
const numberDone = new Set(["zero", "int", "frac", "exp"])

const numberStep = (state: string, c: string): string | undefined => {
  const digit = c >= "0" && c <= "9"
  switch (state) {
    case "sign":
      return c === "0" ? "zero" : digit ? "int" : undefined
    case "zero":
      return c === "." ? "dot" : c === "e" || c === "E" ? "e" : undefined
    case "int":
      return digit ? "int" : c === "." ? "dot" : c === "e" || c === "E" ? "e" : undefined
    case "dot":
      return digit ? "frac" : undefined
    case "frac":
      return digit ? "frac" : c === "e" || c === "E" ? "e" : undefined
    case "e":
      return digit ? "exp" : c === "+" || c === "-" ? "esign" : undefined
    case "esign":
    case "exp":
      return digit ? "exp" : undefined
    default:
      return undefined
  }
}

export const jsonPrefix = (): JsonPrefix => {
  let verdict: PrefixState = "open"
  const stack: Array<"{" | "["> = []
  let expect: Expect = expecting.value
  /** Inside a string: 1 plain, 2 after a backslash, 3-6 hex digits left of an escape plus 2. */
  let string = 0
  let stringIsKey = false
  let literal = ""
  let number = ""

  const afterValue = () => {
    if (stack.length === 0) verdict = "complete"
    else expect = expecting.comma
  }

  const close = (open: "{" | "[") => {
    if (stack.pop() !== open) verdict = "broken"
    else afterValue()
  }

  const structural = (c: string) => {
    if (c === " " || c === "\n" || c === "\r" || c === "\t") return
    if (verdict === "complete") {
      verdict = "broken"
      return
    }
    if (expect === expecting.colon) {
      if (c === ":") expect = expecting.value
      else verdict = "broken"
      return
    }
    if (expect === expecting.comma) {
      if (c === ",") expect = stack.at(-1) === "{" ? expecting.key : expecting.value
      else if (c === "}") close("{")
      else if (c === "]") close("[")
      else verdict = "broken"
      return
    }
    if (expect === expecting.key || expect === expecting.firstKey) {
      if (c === '"') {
        string = 1
        stringIsKey = true
      } else if (c === "}" && expect === expecting.firstKey) close("{")
      else verdict = "broken"
      return
    }
    if (c === "]" && expect === expecting.firstItem) return close("[")
    if (c === "{") {
      stack.push("{")
      expect = expecting.firstKey
    } else if (stack.length === 0) verdict = "broken"
    else if (c === "[") {
      stack.push("[")
      expect = expecting.firstItem
    } else if (c === '"') {
      string = 1
      stringIsKey = false
    } else if (c === "-") number = "sign"
    else if (c === "0") number = "zero"
    else if (c >= "1" && c <= "9") number = "int"
    else {
      const word = literals[c]
      if (word === undefined) verdict = "broken"
      else literal = word.slice(1)
    }
  }

  const push = (text: string): PrefixState => {
    for (let i = 0; i < text.length && verdict !== "broken"; i++) {
      if (string === 1) {
        // run to the next quote, backslash or control character without leaving the loop
        for (; i < text.length; i++) {
          const code = text.charCodeAt(i)
          if (code === 34) {
            string = 0
            if (stringIsKey) expect = expecting.colon
            else afterValue()
            break
          }
          if (code === 92) {
            string = 2
            break
          }
          if (code < 32) {
            verdict = "broken"
            break
          }
        }
        continue
      }
      const c = text.charAt(i)
      if (string === 2) {
        if (c === "u") string = 6
        else if ('"\\/bfnrt'.includes(c)) string = 1
        else verdict = "broken"
      } else if (string > 2) {
        if (!/[0-9a-fA-F]/.test(c)) verdict = "broken"
        else string = string === 3 ? 1 : string - 1
      } else if (literal !== "") {
        if (c !== literal.charAt(0)) verdict = "broken"
        else {
          literal = literal.slice(1)
          if (literal === "") afterValue()
        }
      } else if (number !== "") {
        const next = numberStep(number, c)
        if (next !== undefined) number = next
        else if (numberDone.has(number)) {
          number = ""
          afterValue()
          structural(c)
        } else verdict = "broken"
      } else structural(c)
    }
    return verdict
  }

  return { push, state: () => verdict }
}
