/** A person in front of a terminal: claudex in a pseudo-terminal, and what its screen shows. */
import { type IPty, spawn } from "@lydell/node-pty"
import xterm from "@xterm/headless"
import { onTestFinished } from "vitest"
import { bin } from "./build.ts"
import { eventually, type User } from "./claudex.ts"

export interface TerminalOptions {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
  /** A file in place of the terminal for what goes to stdout. */
  readonly into?: string
}

/** How claudex ended, and what it left of the terminal. */
export interface Left {
  readonly code: number
  /** Echo, line editing, Ctrl-C and all else that `stty` knows are as they were before. */
  readonly asBefore: boolean
  readonly cursorShown: boolean
}

/** Runs the words as a shell does that goes on afterwards, and tells in a sequence of our own how the terminal was left. */
const shell = `trap : INT
before=$(stty -g)
if [ -n "$INTO" ]; then "$@" >"$INTO"; else "$@"; fi
code=$?
[ "$(stty -g)" = "$before" ] && left=same || left=changed
printf '\\033]7777;%s\\007' "$left"
exit $code`

export const key = { enter: "\r", up: "\u001b[A", down: "\u001b[B", backspace: "\u007f", ctrlC: "\u0003" }

/** Starts claudex with the words; it ends with the test at the latest. */
export const openTerminal = (user: User, words: ReadonlyArray<string>, options: TerminalOptions = {}) => {
  const { columns: cols = 80, rows = 24 } = options
  const screenOf = new xterm.Terminal({ cols, rows, allowProposedApi: true })
  const pty: IPty = spawn("/bin/sh", ["-c", shell, "sh", process.execPath, bin, ...words], {
    name: options.env?.["TERM"] ?? "xterm-256color",
    cols,
    rows,
    cwd: user.work,
    env: { ...user.env, ...options.env, ...(options.into === undefined ? {} : { INTO: options.into }) }
  })
  let cursorShown = true
  let asBefore = false
  let code: number | undefined
  let came = 0
  let all = ""
  let unread = 0
  const cursor = (shown: boolean) => (params: ReadonlyArray<number | Array<number>>) => {
    if (params.includes(25)) cursorShown = shown
    return false
  }
  screenOf.parser.registerCsiHandler({ prefix: "?", final: "h" }, cursor(true))
  screenOf.parser.registerCsiHandler({ prefix: "?", final: "l" }, cursor(false))
  screenOf.parser.registerOscHandler(7777, (left) => {
    asBefore = left === "same"
    return true
  })
  pty.onData((piece) => {
    came += 1
    all += piece
    unread += 1
    screenOf.write(piece, () => (unread -= 1))
  })
  pty.onExit(({ exitCode }) => (code = exitCode))
  onTestFinished(() => {
    if (code === undefined) pty.kill("SIGKILL")
    screenOf.dispose()
  })

  /** The lines of the screen as they are seen, without the empty ones at its end. */
  const screen = (): ReadonlyArray<string> => {
    const { active } = screenOf.buffer
    const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? "")
    return lines.join("\n").trimEnd().split("\n")
  }

  const over = () => (code === undefined || unread > 0 ? undefined : code)

  return {
    screen,
    /** All that was ever written to the terminal, by claudex or by the terminal's own echo. */
    transcript: (): string => all,
    /** What is typed, as the keys' bytes. */
    type: (text: string): void => pty.write(text),
    /** Waits until claudex has drawn anew what it shows, which it does at a question of its own. */
    resize: async (columns: number, lines: number): Promise<void> => {
      const before = came
      screenOf.resize(columns, lines)
      pty.resize(columns, lines)
      await eventually(() => (came > before && unread === 0 ? true : undefined))
    },
    /** Waits until the screen shows the text, however its lines are broken, and all that came has been drawn. */
    until: async (text: string): Promise<void> => {
      const shown = () => screen().join("").replaceAll(" ", "").includes(text.replaceAll(" ", ""))
      await eventually(() => {
        if (unread === 0 && shown()) return true
        if (over() === undefined) return undefined
        // all was read before it was over: what is not there now does not come any more
        throw new Error(`claudex ended with ${code} and never showed ${JSON.stringify(text)}:\n${screen().join("\n")}`)
      })
    },
    ended: async (): Promise<Left> => ({ code: await eventually(over), asBefore, cursorShown })
  }
}
