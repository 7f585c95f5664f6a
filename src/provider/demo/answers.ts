/**
 * What the demo model says, as data: the questions it can answer about a tool's output, and the topics it can talk
 * about. A new question or topic is a new row.
 */

/** A question about lines of text, e.g. of a file that was read. */
export interface Question {
  readonly pattern: RegExp
  readonly answer: (lines: ReadonlyArray<string>, match: RegExpExecArray) => string
}

const lineOr = (line: string | undefined, missing: string): string =>
  line === undefined ? missing : line.trim() === "" ? "(this line is empty)" : line

const amount = (word: string | undefined): number => {
  const words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
  const index = words.indexOf((word ?? "").toLowerCase())
  return index >= 0 ? index : Number(word)
}

/** The first row whose pattern the prompt matches decides; the answer is nothing but what was asked for. */
export const questions: ReadonlyArray<Question> = [
  {
    pattern: /\bfirst (\d+|two|three|four|five|six|seven|eight|nine|ten) lines\b/i,
    answer: (lines, match) => lines.slice(0, amount(match[1])).join("\n") || "(the file is empty)"
  },
  { pattern: /\bfirst line\b/i, answer: (lines) => lineOr(lines[0], "(the file is empty)") },
  { pattern: /\blast line\b/i, answer: (lines) => lineOr(lines.at(-1), "(the file is empty)") },
  {
    pattern: /\bline (\d+)\b/i,
    answer: (lines, match) => lineOr(lines[Number(match[1]) - 1], `(there are only ${lines.length} lines)`)
  },
  {
    pattern: /\bhow many lines\b|\bcount (?:the|its) lines\b|\bnumber of lines\b/i,
    answer: (lines) => `${lines.length} ${lines.length === 1 ? "line" : "lines"}`
  },
  {
    pattern: /\b(?:title|heading)\b/i,
    answer: (lines) => lines.find((line) => line.startsWith("#"))?.replace(/^#+\s*/, "") ?? "(there is no heading)"
  }
]

/** Something to talk about without any tool. */
export interface Topic {
  readonly pattern: RegExp
  readonly answer: string
}

const offline =
  "I am the demo model of claudex: a small program inside claudex that behaves like a language model, works offline and needs no key. I cannot reason about code, but everything between you and me is real: the client's request was translated to an OpenAI-style one, and my answer back, as it is with a real provider."

const abilities =
  'Ask me for something that the client\'s own tools can do and I call them, for example "read README.md and tell me its first line", "read a.md and b.md", "list the files", "run `git status`", "write `hello` to note.txt" or "call the tool with the longest name".'

const start =
  "To work with a real provider, add a profile with its `base_url`, its key and a `default_model` to `claudex.toml`, and type `claudex run <profile>`; `claudex proxy status` shows the gateway that does the translation."

/** The first row whose pattern the prompt matches decides. */
export const topics: ReadonlyArray<Topic> = [
  { pattern: /^\W*(?:quota|warm-?up|ping|test|count)\W*$/i, answer: "Ready." },
  {
    pattern: /^\W*(?:hi|hello|hey|good (?:morning|evening|day)|moin|servus)\b.{0,20}$/i,
    answer: `Hello! ${offline}\n\n${abilities}`
  },
  { pattern: /^\W*(?:thanks|thank you|thx)\b/i, answer: "You are welcome." },
  { pattern: /\bwho are you\b|\bwhich model\b|\bwhat model\b|\bwhat are you\b/i, answer: `${offline}\n\n${abilities}` },
  {
    pattern: /\b(?:add|configure|set ?up|use)\b.*\b(?:provider|profile|key|model)\b/i,
    answer: `${start} A key can also stay in an environment variable: name it with \`api_key_env\`.`
  },
  { pattern: /\bwhat can (?:you|i|claudex)\b|\bhelp\b/i, answer: `${abilities}\n\n${start}` },
  {
    pattern: /\b(?:unicode|emoji|chinese|japanese|korean|umlaut)\b/i,
    answer: "Text of every script passes unharmed: grüße, 你好, こんにちは, 안녕하세요, привет, 👩‍👩‍👧‍👦 and 🇪🇺."
  },
  {
    pattern: /\bcode (?:block|sample|example)\b|\bhello world\b/i,
    answer:
      'Here is one:\n\n```ts\nconst greet = (name: string): string => `Hello, ${name}!`\n\nconsole.log(greet("world"))\n```'
  },
  {
    pattern: /\bclaudex\b/i,
    answer: `claudex lets Claude Code work with any model provider: it starts a local gateway, starts Claude Code against it, and translates faithfully both ways, whole and streamed. ${start}`
  }
]

/** When no topic fits. */
export const smallTalk = `That is beyond me. ${offline}\n\n${abilities}\n\n${start}`

/** The request with which clients compact a long conversation. */
export const compaction = /\bdetailed summary of (?:the|our|this) conversation\b/i

/** The user wants more of the reasoning to be seen. */
export const thinkHard = /\bthink (?:hard|harder|deeply|step by step|it through|a lot)\b|\bultrathink\b/i
