/**
 * A question with a line to type into and a list below it, which holds what fits to what was typed. Plain text, no colours.
 * Pure: what it looks like, and what a key does to it.
 */
import { displayWidth, startOf } from "../displayWidth.ts"
import { clip, wrap } from "../text.ts"

export interface Choice {
  readonly value: string
  /** One line for people. */
  readonly shown: string
  /** What else it is found by. */
  readonly alsoCalled?: ReadonlyArray<string>
}

export interface Question {
  readonly label: string
  readonly choices: ReadonlyArray<Choice>
  /** Where any text is an answer: what is wrong with this one, if anything is. Absent where one of the list is to be chosen. */
  readonly fault?: (text: string) => string | undefined
  /** What stands in the line at first. */
  readonly initial?: string
  /** What to know for an answer. */
  readonly hint?: string
}

export interface Answering {
  readonly typed: string
  /** Which of what is offered is marked. */
  readonly at: number
  readonly fault: string | undefined
  /** What comes was pasted: nothing of it is a key. */
  readonly pasting: boolean
  /** The user goes without an answer. */
  readonly leaves: boolean
  /** The size of the terminal when it was last looked at. */
  readonly columns: number
  readonly rows: number
}

export interface Key {
  /** What the key types, if it types something. */
  readonly text: string | undefined
  readonly name: string
  readonly ctrl: boolean
  readonly meta: boolean
}

export type Step =
  | { readonly is: "on"; readonly state: Answering }
  | { readonly is: "answer"; readonly choice: Choice }
  /** The user goes without an answer. */
  | { readonly is: "left" }

export const begin = ({ initial = "" }: Question, columns: number, rows: number): Answering => ({
  typed: initial,
  at: 0,
  fault: undefined,
  pasting: false,
  leaves: false,
  columns,
  rows
})

const found = (choice: Choice, typed: string): boolean => {
  const text = [choice.value, choice.shown, ...(choice.alsoCalled ?? [])].join("\n").toLowerCase()
  return typed.split(/\s+/).every((word) => text.includes(word))
}

/** What can be chosen: what holds every word that was typed, its name first; and the text itself, where any will do. */
export const offered = ({ choices, fault }: Question, typed: string): ReadonlyArray<Choice> => {
  const text = typed.trim()
  const words = text.toLowerCase()
  const starts = (choice: Choice) => Number(choice.value.toLowerCase().startsWith(words))
  const fitting = choices.filter((choice) => found(choice, words)).toSorted((one, other) => starts(other) - starts(one))
  const own = fault === undefined || text === "" || choices.some(({ value }) => value === text)
  return own ? fitting : [...fitting, { value: text, shown: `${text} (as typed)` }]
}

/** A terminal that does not tell its size has the usual one. */
const roomIn = ({ columns }: Answering): number => (columns > 0 ? columns : 80) - 1

/** The end of a text, where it is too long. */
const endOf = (text: string, most: number): string => {
  let end = text
  while (displayWidth(end) > most && end !== "") end = end.slice(startOf(end, 2).length || 1)
  return end
}

const firstLine = ({ label }: Question, state: Answering): string => {
  const head = clip(`${label}:`, Math.max(1, roomIn(state) - 8))
  return `${head} ${endOf(state.typed, roomIn(state) - displayWidth(head) - 1)}`
}

/** The marked choice and its neighbours, as many as there is room for beside `others`, which are lines too. */
const listed = (question: Question, state: Answering, others: number): ReadonlyArray<string> => {
  if (question.choices.length === 0) return []
  const all = offered(question, state.typed)
  const most = Math.max(1, Math.min(10, (state.rows > 0 ? state.rows : 24) - 3 - others))
  const from = Math.max(0, Math.min(state.at - Math.floor(most / 2), all.length - most))
  const lines = all.slice(from, from + most).map(({ shown }, at) => `${from + at === state.at ? ">" : " "} ${shown}`)
  return all.length > most ? [...lines, `  (${state.at + 1} of ${all.length})`] : lines
}

const hintOf = ({ choices }: Question): string =>
  choices.length === 0
    ? "Enter to go on, Esc to leave everything as it is"
    : "Type to filter, arrows and Enter to choose, Esc to leave all as it is"

/** So many lines of words that a choice is still seen in a low terminal. */
const mostSaid = ({ rows }: Answering): number => Math.max(1, Math.min(3, (rows > 0 ? rows : 24) - 4))

/** A choice stays one line, whose spaces are columns. */
const shortened = (line: string, most: number): string =>
  displayWidth(line) <= most ? line : `${startOf(line, most - 1)}…`

/** The lines, none as wide as the terminal; the first is the one that is typed into, with the cursor at its end. */
export const lines = (
  question: Question,
  state: Answering
): readonly [first: string, ...rest: ReadonlyArray<string>] => {
  const room = roomIn(state)
  const said = wrap("", state.fault ?? question.hint ?? hintOf(question), "", room).slice(0, mostSaid(state))
  const choices = listed(question, state, said.length)
  return [firstLine(question, state), ...choices.map((line) => shortened(line, room)), ...said]
}

/** Moves the cursor from the end of the last line to the end of the first. */
const toFirst = ([first, ...rest]: ReturnType<typeof lines>): string =>
  `${rest.length === 0 ? "" : `\u001b[${rest.length}A`}\r\u001b[${displayWidth(first)}C`

/** What is written to show the question; the cursor stays in it, unless the user leaves. */
export const draw = (question: Question, state: Answering): string => {
  if (state.leaves) return `${firstLine(question, state)}\n`
  const all = lines(question, state)
  return all.join("\n") + toFirst(all)
}

/** What is written to take it away again, in a terminal that has `columns` now: it broke the first line anew. */
export const erase = (question: Question, state: Answering, columns: number): string => {
  const above = columns > 0 ? Math.floor(displayWidth(firstLine(question, state)) / columns) : 0
  return `${above === 0 ? "" : `\u001b[${above}A`}\r\u001b[J`
}

/** What stays on the screen; undefined is no answer. */
export const answered = ({ label }: Question, choice: Choice | undefined): string =>
  choice === undefined ? `${label}:\n` : `${label}: ${choice.shown.replace(/ +/g, " ")}\n`

const moved = (question: Question, state: Answering, by: number): Answering => {
  const count = offered(question, state.typed).length
  return { ...state, at: count === 0 ? 0 : (state.at + by + count) % count }
}

const typing = (state: Answering, typed: string): Answering => ({ ...state, typed, at: 0, fault: undefined })

const chosen = (question: Question, state: Answering): Step => {
  const text = state.typed.trim()
  const choice = offered(question, state.typed)[state.at]
  if (choice !== undefined && question.choices.includes(choice)) return { is: "answer", choice }
  const fault = question.fault === undefined ? "There is none of that name" : question.fault(text)
  return fault === undefined
    ? { is: "answer", choice: { value: text, shown: text } }
    : { is: "on", state: { ...state, fault } }
}

const steps: Readonly<Record<string, number>> = { up: -1, down: 1, tab: 1 }

/** With what was pasted behind it: line breaks and tabs are one space, and no other control character is anything. */
const withPasted = (typed: string, text = ""): string => {
  if (/^[\t\r\n]$/.test(text)) return typed === "" || typed.endsWith(" ") ? typed : `${typed} `
  return /\p{Cc}/u.test(text) ? typed : typed + text
}

/** What a key does. */
export const press = (question: Question, state: Answering, { ctrl, meta, name, text }: Key): Step => {
  if (name === "paste-start" || name === "paste-end")
    return { is: "on", state: { ...state, pasting: name === "paste-start" } }
  if (state.pasting) return { is: "on", state: typing(state, withPasted(state.typed, text)) }
  if (name === "return" || name === "enter") return chosen(question, state)
  if (name === "escape") return { is: "left" }
  // the terminal itself ends the question at these, after it has been drawn for the last time
  if (ctrl && (name === "c" || name === "d")) return { is: "on", state: { ...state, leaves: true } }
  const by = steps[name]
  if (by !== undefined) return { is: "on", state: moved(question, state, by) }
  if (name === "backspace") return { is: "on", state: typing(state, [...state.typed].slice(0, -1).join("")) }
  if (ctrl && name === "u") return { is: "on", state: typing(state, "") }
  const isText = text !== undefined && !ctrl && !meta && !/\p{Cc}/u.test(text)
  return { is: "on", state: isText ? typing(state, state.typed + text) : state }
}
