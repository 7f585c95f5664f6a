import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { demoTurn } from "../../../src/provider/demo/turn.ts"
import { runs } from "../../support/runs.ts"
import { ask, said, tools, turnOf, withResults } from "./support.ts"
import { holds } from "../../support/holds.ts"

describe("the demo model calls the client's tools", () => {
  it("reads a file that the prompt names, by its absolute path", () => {
    const turn = said(ask("read README.md and tell me its first line"))
    expect(turn.calls).toEqual([{ name: "Read", args: { file_path: "/home/user/proj/README.md" } }])
    expect(turn.finish).toBe("tool_calls")
    expect(turn.text).toBe("I will read README.md.")
    expect(turn.reasoning).toContain("read README.md")
  })

  it.each([
    ["read a.md and b.md", ["/home/user/proj/a.md", "/home/user/proj/b.md"]],
    ["open ./src/../src/main.ts, please.", ["/home/user/proj/src/main.ts"]],
    ["Please look at @docs/logo.png!", ["/home/user/proj/docs/logo.png"]],
    ["show me /etc/hosts", ["/etc/hosts"]],
    ["what is `my file.txt`'s content? Read it: `my file.txt`", ["/home/user/proj/my file.txt"]],
    ["read LICENSE", ["/home/user/proj/LICENSE"]],
    ["Summarise README.md's introduction", ["/home/user/proj/README.md"]],
    ["read a.md and then read a.md again", ["/home/user/proj/a.md"]]
  ])("finds the files in %j", (prompt, paths) => {
    const { calls } = said(ask(prompt))
    expect(calls.map((call) => call.args)).toEqual(paths.map((path) => ({ file_path: path })))
  })

  it.each([
    "do not read README.md",
    "how do I read README.md with node?",
    "open example.com",
    "read the file",
    "run the tests",
    "what is a tool?",
    "the readme is fine, e.g. its first line"
  ])("calls nothing for %j", (prompt) => {
    const turn = said(ask(prompt))
    expect(turn.calls).toEqual([])
    expect(turn.finish).toBe("stop")
    expect(turn.text).not.toBe("")
  })

  it.each([
    ["list the files", "ls"],
    ["which files are here?", "ls"],
    ["run `git log --oneline`", "git log --oneline"],
    ["run pwd and tell me its first line", "pwd"],
    ["search for TODO", "grep -rn -- TODO ."],
    [`grep for "it's"`, `grep -rn -- 'it'\\''s' .`]
  ])("uses the shell for %j", (prompt, command) => {
    expect(said(ask(prompt)).calls).toMatchObject([{ name: "Bash", args: { command } }])
  })

  it("does several things at once, in the order of the prompt", () => {
    const { calls } = said(ask('read a.md, run `ls -la` and write "hello, you" to notes/new.txt'))
    expect(calls).toMatchObject([
      { name: "Read", args: { file_path: "/home/user/proj/a.md" } },
      { name: "Bash", args: { command: "ls -la" } },
      { name: "Write", args: { file_path: "/home/user/proj/notes/new.txt", content: "hello, you\n" } }
    ])
  })

  it("does them one by one when calls must not be parallel", () => {
    const first = ask("read a.md and b.md", { parallel_tool_calls: false })
    expect(said(first).calls.map((call) => call.args)).toEqual([{ file_path: "/home/user/proj/a.md" }])
    const second = withResults(first, ["1\tA"])
    expect(said(second).calls.map((call) => call.args)).toEqual([{ file_path: "/home/user/proj/b.md" }])
    const third = said(withResults(second, ["1\tB"]))
    expect(third.calls).toEqual([])
    expect(third.text).toContain("a.md has 1 line")
    expect(third.text).toContain("b.md has 1 line")
  })

  it("takes any tool whose name and schema fit, and none that changes files", () => {
    const custom = (name: string) => ({
      type: "function",
      function: { name, parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] } }
    })
    const fitting = ask("read a.md", { tools: [custom("delete_file"), custom("fs_read_text")] })
    expect(said(fitting).calls).toEqual([{ name: "fs_read_text", args: { path: "/home/user/proj/a.md" } }])
    const destructive = said(ask("read a.md", { tools: [custom("delete_file"), tools.edit] }))
    expect(destructive.calls).toEqual([])
  })

  it("falls back to the shell when no tool reads files", () => {
    expect(said(ask("read my-file.md", { tools: [tools.bash] })).calls).toMatchObject([
      { name: "Bash", args: { command: "cat -- my-file.md" } }
    ])
  })

  it("leaves a path relative when the working directory is unknown", () => {
    const messages = [{ role: "user", content: "read a.md" }]
    expect(said(ask("", { messages })).calls).toEqual([{ name: "Read", args: { file_path: "a.md" } }])
  })

  it.each([
    ["Working directory: /srv/app", "/srv/app/a.md"],
    ["<env>\n<cwd>/srv/other app/</cwd>\n</env>", "/srv/other app/a.md"],
    [`{"cwd": "/srv/json"}`, "/srv/json/a.md"],
    ["Primary working directory: /one\nlater: working directory is /two", "/two/a.md"],
    ["Working directory: C:\\work\\proj", "C:\\work\\proj\\a.md"]
  ])("finds the working directory in %j", (content, path) => {
    const messages = [
      { role: "user", content: `<system-reminder>${content}</system-reminder>\nread a.md` },
      { role: "system", content: [{ type: "text", text: "later text" }] }
    ]
    expect(said(ask("", { messages })).calls).toEqual([{ name: "Read", args: { file_path: path } }])
  })

  it("calls the MCP tool with the longest name with arguments that fit its schema", () => {
    const turn = said(ask("call a tool with a long name", { tools: [tools.mcpShort, tools.mcpLong, tools.read] }))
    expect(turn.calls).toEqual([{ name: tools.mcpLong.function.name, args: { count: 3 } }])
  })

  it("calls a tool by its name, or by the last part of it", () => {
    const offered = { tools: [tools.read, tools.mcpShort] }
    const wanted = [{ name: "mcp__notes__add", args: { title: "demo", level: "low" } }]
    expect(said(ask("use the add tool", offered)).calls).toEqual(wanted)
    expect(said(ask("call the tool `mcp__notes__add`", offered)).calls).toEqual(wanted)
  })

  it("loads a tool that is only announced, then calls it", () => {
    const messages = [
      { role: "system", content: `Deferred tools:\nmcp__notes__add\n${tools.mcpLong.function.name}` },
      { role: "user", content: "call the tool with the longest name" }
    ]
    const first = ask("", { messages, tools: [tools.search, tools.read] })
    expect(said(first).calls).toEqual([
      { name: "ToolSearch", args: { query: `select:${tools.mcpLong.function.name}`, max_results: 5 } }
    ])
    const loaded = { ...withResults(first, ["loaded", ""], [{ role: "user", content: "Tool loaded." }]) }
    const second = said({ ...loaded, tools: [tools.search, tools.read, tools.mcpLong] })
    expect(second.calls).toEqual([{ name: tools.mcpLong.function.name, args: { count: 3 } }])
    const useless = said(loaded)
    expect(useless.calls).toEqual([])
    expect(useless.text).toContain("does not offer me an MCP tool")
  })

  it("says honestly that a tool is missing", () => {
    const bare = said(ask("read a.md", { tools: undefined }))
    expect(bare.calls).toEqual([])
    expect(bare.text).toContain("I cannot read a.md")
    expect(bare.text).toContain("no tools at all")
    expect(said(ask("read a.md", { tools: [tools.write] })).text).toContain("It offers Write.")
  })
})

describe("the demo model answers from results", () => {
  const file = "1\t# Title of it\n2\t\n3\tsecond paragraph\n4\t"
  const reminded = `${file}\n\n<system-reminder>\nThe file is harmless.\n</system-reminder>\n`

  it.each([
    ["its first line", file, "# Title of it"],
    ["its first line", reminded, "# Title of it"],
    ["its first line", "     1→# Arrow\n     2→b", "# Arrow"],
    ["its first line", "# no numbers\n1\tnot a number of a line", "# no numbers"],
    ["its first line", "1\t\n2\tb", "(this line is empty)"],
    ["its first line", "", "(the file is empty)"],
    ["its last line", "1\ta\n2\tb", "b"],
    ["line 3", file, "second paragraph"],
    ["line 9", "1\ta\n2\tb", "(there are only 2 lines)"],
    ["how many lines it has", "1\ta\n2\tb", "2 lines"],
    ["the first two lines", "1\ta\n2\tb\n3\tc", "a\nb"],
    ["its title", file, "Title of it"]
  ])("tells %s of %j", (wish, result, answer) => {
    const turn = said(withResults(ask(`read README.md and tell me ${wish}`), [result]))
    expect(turn.text).toBe(answer)
    expect(turn.finish).toBe("stop")
    expect(turn.calls).toEqual([])
  })

  it("names the file at each answer when it read several, whatever the order of the results", () => {
    const turn = said(withResults(ask("read a.md and b.md and tell me the first line of each"), ["1\tAA", "1\tBB"]))
    expect(turn.text).toBe("a.md: AA\n\nb.md: BB")
  })

  it("gives the gist of a file, and the output of a command", () => {
    const gist = said(withResults(ask("read a.md"), ["1\tone\n2\ttwo\n3\t```\n4\tfour\n5\tfive\n6\tsix"])).text
    expect(gist).toBe("a.md has 6 lines. It begins:\n\n````\none\ntwo\n```\nfour\nfive\n````")
    expect(said(withResults(ask("run `ls`"), ["a\nb\n"])).text).toBe("The output of `ls`:\n\n```\na\nb\n```")
    expect(said(withResults(ask("run `true`"), [""])).text).toBe("The output of `true`: nothing.")
  })

  it.each([
    ["Error: File does not exist.", "File does not exist."],
    ["<tool_use_error>Error: no such tool</tool_use_error>", "no such tool"],
    ["Error: ", "the tool gave no reason"]
  ])("reports the error %j as such", (result, reason) => {
    expect(said(withResults(ask("read a.md and tell me its first line"), [result])).text).toBe(
      `I could not read a.md: ${reason}`
    )
  })

  it("sees the picture of a result, inside it and in the message that follows", () => {
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(8)}` } }
    const inside = withResults(ask("look at p.png"), [[{ type: "text", text: "here" }, image]])
    expect(said(inside).text).toBe("p.png is a picture (image/png, 6 bytes).")
    const label = { type: "text", text: "Image 1 of the result of Read:" }
    const follow = [{ role: "user", content: [label, image] }]
    const behind = withResults(ask("look at p.png"), ["[image 1 is in the next user message]"], follow)
    expect(said(behind).text).toBe("p.png is a picture (image/png, 6 bytes).")
  })

  it("takes what the user says after results as a new prompt", () => {
    const next = withResults(ask("read a.md"), ["1\tA"], [{ role: "user", content: "now read b.md" }])
    expect(said(next).calls).toEqual([{ name: "Read", args: { file_path: "/home/user/proj/b.md" } }])
  })
})

describe("the demo model keeps the request's limits", () => {
  it("stops at max_tokens and says so, in text, reasoning and arguments", () => {
    for (const limit of [1, 5, 64, 70]) {
      const turn = turnOf(ask("think hard: what is claudex?", { max_completion_tokens: limit }))
      expect(turn.finish).toBe("length")
      expect(turn.usage.completionTokens).toBe(limit)
    }
    expect(said(ask("what is claudex?", { max_tokens: 1 })).text).toBe("claudex")
    const call = turnOf(ask("read README.md", { max_tokens: 6 }))
    expect(call.finish).toBe("length")
    expect(call.calls[0]?.args.join("")).toBe(`{"file_path":"/home/user`)
    expect(turnOf(ask("read README.md", { max_tokens: 4 })).calls).toEqual([])
  })

  it("stops at the first stop sequence, and names it", () => {
    const turn = turnOf(ask("what is claudex?", { stop: ["provider:", "Claude Code"] }))
    expect(turn.text.join("")).toBe("claudex lets ")
    expect([turn.finish, turn.stopSequence]).toEqual(["stop", "Claude Code"])
    expect(turnOf(ask("hello", { stop: "zzz" })).stopSequence).toBeUndefined()
  })

  it("calls no tool when told so, and one when it has to", () => {
    const none = said(ask("read a.md", { tool_choice: "none" }))
    expect(none.calls).toEqual([])
    expect(none.text).toContain("may not call tools")
    const required = said(ask("hello", { tool_choice: "required", tools: [tools.mcpShort] }))
    expect(required).toMatchObject({ finish: "tool_calls", calls: [{ name: "mcp__notes__add" }] })
    const forced = said(ask("read a.md", { tool_choice: { type: "function", function: { name: "Bash" } } }))
    expect(forced.calls).toMatchObject([{ name: "Bash", args: { command: "demo" } }])
  })

  it("answers in the JSON that was asked for", () => {
    const schema = { type: "object", properties: { title: { type: "string" } }, required: ["title"] }
    const format = { type: "json_schema", json_schema: { name: "title", schema, strict: true } }
    const titled = said(ask("fix the login page, please. It shows nothing", { response_format: format, tools: [] }))
    expect(JSON.parse(titled.text)).toEqual({ title: "Fix the login page, please. It" })
    const object = said(ask("hello", { response_format: { type: "json_object" } }))
    expect(Object.keys(JSON.parse(object.text))).toEqual(["answer"])
  })

  it("reasons by default, more when asked to think hard, and not at all with effort none", () => {
    const usual = said(ask("hello"))
    expect(usual.reasoning).not.toBe("")
    expect(said(ask("think hard about claudex")).reasoning.length).toBeGreaterThan(usual.reasoning.length + 100)
    expect(said(ask("hello", { reasoning_effort: "none" })).reasoning).toBe("")
  })

  it("counts what it reads and says, and what it has seen before", () => {
    const first = ask("read a.md", { messages: [{ role: "user", content: `read a.md ${" ".repeat(9000)}` }] })
    const opening = turnOf(first)
    expect(opening.usage.cachedTokens).toBe(0)
    expect(opening.usage.promptTokens).toBeGreaterThan(2250)
    const pieces = opening.reasoning.length + opening.text.length + (opening.calls[0]?.args.length ?? 0)
    expect(opening.usage.completionTokens).toBe(pieces)
    const next = turnOf(withResults(first, ["1\tA"]))
    expect(next.usage.cachedTokens % 128).toBe(0)
    expect(next.usage.cachedTokens).toBeGreaterThan(2000)
    expect(next.usage.cachedTokens).toBeLessThan(next.usage.promptTokens)
  })
})

describe("the demo model talks", () => {
  it.each([
    ["warmup", /^Ready\.$/],
    ["quota", /^Ready\.$/],
    ["hello", /offline and needs no key/],
    ["which model are you?", /demo model/],
    ["how do I add a provider?", /claudex run <profile>/],
    ["what can you do?", /read README\.md/],
    ["tell me about claudex", /local gateway/],
    ["show me some emoji", /👩‍👩‍👧‍👦/u],
    ["prove Fermat's last theorem", /beyond me/],
    ["Your task is to create a detailed summary of the conversation so far.", /<summary>/]
  ])("answers %j", (prompt, answer) => {
    expect(said(ask(prompt)).text).toMatch(answer)
  })

  it("refuses a request without messages", () => {
    for (const body of [undefined, null, [], "x", {}, { messages: [] }, { messages: "x" }]) {
      expect(Either.isLeft(demoTurn(body))).toBe(true)
    }
  })
})

describe("the demo model is a function", () => {
  it("gives the same turn for the same request, and other ids for another one", () => {
    const request = ask("read a.md and b.md")
    expect(turnOf(structuredClone(request))).toEqual(turnOf(request))
    const ids = [request, ask("read a.md and b.md "), withResults(request, ["1\tA", "1\tB"])].map(
      (one) => turnOf(one).id
    )
    expect(new Set(ids).size).toBe(ids.length)
    const calls = turnOf(request).calls.map((call) => call.id)
    expect(new Set(calls).size).toBe(2)
  })

  it("ends every conversation: no prompt is answered by calls for ever", async () => {
    const word = fc.constantFrom(
      ..."read,run,list,the files,a.md,b.md,`ls`,and,call,the tool,Read,write".split(","),
      ...`"x",to,not,search for,a tool with a long name,first line,use,Bash tool`.split(",")
    )
    const offered = fc.subarray(Object.values(tools))
    const property = fc.property(
      fc.array(word, { minLength: 1, maxLength: 14 }),
      offered,
      fc.boolean(),
      (words, list, parallel) => {
        let request = ask(words.join(" "), { tools: list, parallel_tool_calls: parallel })
        for (let round = 0; round < 20; round++) {
          const turn = turnOf(request)
          if (turn.calls.length === 0) return turn.text.length > 0
          const names = list.map((one) => one.function.name)
          if (!turn.calls.every((call) => names.includes(call.name))) return false
          request = withResults(
            request,
            turn.calls.map(() => "done")
          )
        }
        return false
      }
    )
    await holds(property, { numRuns: runs })
  })

  it("answers or refuses whatever JSON it gets", async () => {
    const key = fc.constantFrom(
      ..."role,content,text,type,tool_calls,function,name,arguments,tool_call_id,image_url".split(",")
    )
    const role = fc.constantFrom("user", "assistant", "tool", "system")
    const message = fc.dictionary(key, fc.oneof(fc.jsonValue(), role))
    const request = fc.record(
      {
        messages: fc.oneof(fc.array(fc.oneof(message, fc.jsonValue())), fc.jsonValue()),
        tools: fc.oneof(
          fc.array(fc.oneof(fc.record({ function: fc.dictionary(key, fc.jsonValue()) }), fc.jsonValue()))
        ),
        tool_choice: fc.jsonValue(),
        stop: fc.jsonValue(),
        max_tokens: fc.jsonValue(),
        response_format: fc.record({
          type: fc.constant("json_schema"),
          json_schema: fc.record({ schema: fc.jsonValue() })
        })
      },
      { requiredKeys: [] }
    )
    await holds(
      fc.property(request, (body) => {
        const turn = demoTurn(body)
        return Either.isLeft(turn) || ["stop", "tool_calls", "length"].includes(turn.right.finish)
      }),
      { numRuns: runs }
    )
  })
})
