/** Finds the client's tool for a purpose and fills in its arguments: the demo model knows no client by heart. */
import { isObject, type JsonObject } from "../../protocol/json.ts"
import type { DemoRequest, DemoTool } from "./request.ts"
import { sample } from "./sample.ts"
import { absolute, findDirectory } from "./words.ts"

/** What a call is about: a file, a command, a word, a tool's name; and what to write, where that is the wish. */
export interface Subject {
  readonly name: string
  readonly content?: string
}

/** One way to do something: a tool that fits, and its arguments for the subject at hand. */
export interface Way {
  readonly tool: (tools: ReadonlyArray<DemoTool>, subject: Subject) => DemoTool | undefined
  readonly args: (tool: DemoTool, subject: Subject, request: DemoRequest) => JsonObject
}

/** Property names under which tools take the same thing. */
const keys = {
  path: ["file_path", "path", "filePath", "filename", "file", "notebook_path"],
  command: ["command", "cmd", "script"],
  pattern: ["pattern", "query", "regex"],
  content: ["content", "file_text", "contents", "text"]
} as const
type Meaning = keyof typeof keys

const keyOf = (tool: DemoTool, meaning: Meaning): string =>
  keys[meaning].find((key) => tool.properties.includes(key)) ?? keys[meaning][0]

/** Whether the tool takes all of this and insists on nothing else (a description can always be given). */
const fits = (tool: DemoTool, meanings: ReadonlyArray<Meaning>): boolean => {
  const filled = new Set(meanings.map((meaning) => keyOf(tool, meaning)))
  return (
    [...filled].every((key) => tool.properties.includes(key)) &&
    tool.required.every((key) => filled.has(key) || key === "description")
  )
}

const changing = /write|edit|delete|remove|create|move|rename|update|insert|replace|upload|send/i

/** The fitting tool with one of these names, best first; else one whose name says the same and that changes nothing. */
const find =
  (names: ReadonlyArray<string>, alike: RegExp, ...meanings: ReadonlyArray<Meaning>) =>
  (tools: ReadonlyArray<DemoTool>): DemoTool | undefined => {
    const fitting = tools.filter((tool) => fits(tool, meanings))
    const [known] = names.flatMap((name) => fitting.filter((tool) => tool.name.toLowerCase() === name))
    return known ?? fitting.find((tool) => alike.test(tool.name) && !changing.test(tool.name))
  }

const pathOf = (subject: Subject, request: DemoRequest): string =>
  absolute(findDirectory(request.background), subject.name)

/** Reads the file that the subject names. */
export const readFile: Way = {
  tool: find(["read", "read_file", "view", "view_file", "open_file"], /read|view|open|cat|show|get_?file/i, "path"),
  args: (tool, subject, request) => ({ [keyOf(tool, "path")]: pathOf(subject, request) })
}

/** Lists the directory that the subject names. */
export const listFiles: Way = {
  tool: find(["ls", "list_directory", "list_files", "list_dir"], /^ls$|list_?(?:dir|files)/i, "path"),
  args: (tool, subject, request) => ({ [keyOf(tool, "path")]: pathOf(subject, request) })
}

/** Searches the files for the subject. */
export const searchFiles: Way = {
  tool: find(["grep", "search_files"], /^grep$|search_?(?:files|code|content)/i, "pattern"),
  args: (tool, subject) => ({ [keyOf(tool, "pattern")]: subject.name })
}

/** Writes the subject's content to the file it names. Only tools that are known by name: a guess could destroy. */
export const writeFile: Way = {
  tool: find(["write", "write_file", "create_file"], /^$/, "path", "content"),
  args: (tool, subject, request) => ({
    [keyOf(tool, "path")]: pathOf(subject, request),
    [keyOf(tool, "content")]: `${subject.content ?? ""}\n`
  })
}

/** Does it with a shell command; `purpose` is said where the tool wants a description. */
export const byShell = (command: (name: string) => string, purpose: (name: string) => string): Way => ({
  tool: find(["bash", "shell", "run_command", "execute_command"], /bash|shell|terminal|command/i, "command"),
  args: (tool, { name }) => ({
    [keyOf(tool, "command")]: command(name),
    ...(tool.properties.includes("description") ? { description: purpose(name) } : {})
  })
})

/** Arguments for a tool about which nothing is known but its schema. */
export const sampleArguments = (tool: DemoTool): JsonObject => {
  const value = sample(tool.schema, "demo")
  return isObject(value) ? value : {}
}

/** The MCP tool with the longest name; its arguments are made up. */
export const longestMcpTool: Way = {
  tool: (tools) =>
    tools
      .filter((tool) => tool.name.startsWith("mcp__"))
      .toSorted((a, b) => b.name.length - a.name.length)
      .at(0),
  args: sampleArguments
}

/** The tool that the subject names, in full or by the last part of an MCP tool's name; its arguments are made up. */
export const toolByName: Way = {
  tool: (tools, subject) => {
    const wanted = subject.name.toLowerCase()
    return (
      tools.find((tool) => tool.name.toLowerCase() === wanted) ??
      tools.find((tool) => tool.name.toLowerCase().endsWith(`__${wanted}`))
    )
  },
  args: sampleArguments
}

/** Loads the tool that the subject names, where a client offers tools only on demand. */
export const toolSearch: Way = {
  tool: (tools) => tools.find((tool) => /^tool_?search$/i.test(tool.name) && tool.properties.includes("query")),
  args: (tool, subject) => ({ ...sampleArguments(tool), query: `select:${subject.name}` })
}
