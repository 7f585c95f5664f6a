/** What the demo model says and thinks at each turn of a plan. */
import { compaction, questions, smallTalk, thinkHard, topics } from "./answers.ts"
import type { Step } from "./plan.ts"
import type { DemoImage, DemoRequest, DemoResult } from "./request.ts"
import { enumerate, failureOf, linesOf, plainOutput } from "./words.ts"

/** More than this of a tool's output is not repeated. */
const shownLines = 20
const gistLines = 5

const fenced = (lines: ReadonlyArray<string>): string => {
  const fence = lines.some((line) => line.includes("```")) ? "````" : "```"
  return [fence, ...lines, fence].join("\n")
}

const lineCount = (lines: ReadonlyArray<string>): string => `${lines.length} ${lines.length === 1 ? "line" : "lines"}`

const describeImage = (image: DemoImage): string =>
  `a picture (${image.mediaType}${image.bytes === undefined ? "" : `, ${image.bytes} bytes`})`

const gist = (name: string, lines: ReadonlyArray<string>): string => {
  if (lines.length === 0) return `${name} is empty.`
  const start = lines.slice(0, gistLines)
  const how = lines.length > start.length ? "It begins:" : "It says:"
  return `${name} has ${lineCount(lines)}. ${how}\n\n${fenced(start)}`
}

const output = (title: string, lines: ReadonlyArray<string>): string => {
  if (lines.length === 0) return `${title}: nothing.`
  const rest = lines.length - shownLines
  const more = rest > 0 ? `\n\n(${rest} more ${rest === 1 ? "line" : "lines"})` : ""
  return `${title}:\n\n${fenced(lines.slice(0, shownLines))}${more}`
}

/** The answer to what the prompt asks about these lines; undefined when it asks nothing in particular. */
const questionAnswer = (prompt: string, lines: ReadonlyArray<string>): string | undefined => {
  for (const question of questions) {
    const match = question.pattern.exec(prompt)
    if (match !== null) return question.answer(lines, match)
  }
  return undefined
}

const resultText = (step: Step & { state: "done" }, result: DemoResult, prompt: string, alone: boolean): string => {
  const { skill, subject } = step.wish
  const phrase = skill.phrase(subject)
  const reason = failureOf(result.text)
  if (reason !== undefined) return `I could not ${phrase}: ${reason}`
  if (result.images.length > 0) return `${subject.name} is ${enumerate(result.images.map(describeImage))}.`
  const lines = linesOf(skill.output === "file" ? plainOutput(result.text) : result.text)
  const asked = questionAnswer(prompt, lines)
  if (asked !== undefined) return alone ? asked : `${subject.name}: ${asked}`
  return skill.output === "file" ? gist(subject.name, lines) : output(skill.title(subject), lines)
}

/** What is said when all calls of a plan are answered, or none was possible. */
export const report = (steps: ReadonlyArray<Step>, request: DemoRequest): string =>
  steps
    .map((step) => {
      const phrase = step.wish.skill.phrase(step.wish.subject)
      if (step.state === "done") {
        const result = step.call.result ?? { text: "error: the call was not answered", images: [] }
        return resultText(step, result, request.prompt, steps.length === 1)
      }
      if (step.state === "pending") return `I would ${phrase}, but I may not call tools in this turn.`
      const offered = request.tools.map((tool) => tool.name)
      const choice = offered.length === 0 ? "It offers no tools at all." : `It offers ${enumerate(offered)}.`
      return `I cannot ${phrase}: this client does not offer me ${step.wish.skill.needs}. ${choice}`
    })
    .join("\n\n")

/** What is said before calls: which of them come now. */
export const announcement = (steps: ReadonlyArray<Step & { state: "pending" }>): string =>
  `I will ${enumerate(steps.map((step) => step.wish.skill.phrase(step.wish.subject)))}.`

/** An answer without tools. */
export const smallTalkFor = (request: DemoRequest): string => {
  const { images, prompt, prompts } = request
  if (compaction.test(prompt)) {
    const said = prompts.slice(0, -1).map((one) => `- ${one.replace(/\s+/g, " ").slice(0, 200)}`)
    return `<summary>\nThe user said, in this order:\n${said.join("\n")}\nNothing is left to do.\n</summary>`
  }
  const seen = images.length === 0 ? "" : `You sent me ${enumerate(images.map(describeImage))}. `
  return seen + (topics.find((topic) => topic.pattern.test(prompt))?.answer ?? smallTalk)
}

const effort =
  " I was asked to think hard, so I look at it once more: what exactly is wanted, which tools are on offer, what could go wrong on the way, and how short the answer can be without leaving anything out. Nothing speaks against the plan."

/** What is thought before the turn; "" when the request turns reasoning off. */
export const thoughts = (steps: ReadonlyArray<Step>, calling: ReadonlyArray<string>, request: DemoRequest): string => {
  if (request.effort === "none" || request.format.type !== "text") return ""
  const more = thinkHard.test(request.prompt) ? effort : ""
  if (calling.length > 0) {
    const wanted = enumerate(steps.map((step) => step.wish.skill.phrase(step.wish.subject)))
    return `The user wants me to ${wanted === "" ? "use a tool" : wanted}. The client offers ${enumerate([...new Set(calling)])} for that.${more}`
  }
  if (steps.some((step) => step.state === "done")) return `The results are here; the answer follows from them.${more}`
  return `This needs no tool that is on offer; I can answer at once.${more}`
}

/** A few words that name the conversation, for clients that ask for a title. */
export const titleOf = (prompt: string): string => {
  const words = prompt
    .replace(/<[^>]*>/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, 6)
  const title = words.join(" ").replace(/[\s.,:;!?]+$/, "")
  return title === "" ? "Demo conversation" : title.charAt(0).toUpperCase() + title.slice(1)
}
