/**
 * What claudex adds to the arguments of Claude Code, and what it can tell from them. Pure.
 */

export interface ChildPlan {
  readonly arguments: ReadonlyArray<string>
  /** A person sits in front of it; false for one-shot runs (`-p`, `--print`). */
  readonly interactive: boolean
  /** Whether a model can be asked at all. */
  readonly needsGateway: boolean
  /** Why an argument was added; for the user to see. */
  readonly added: ReadonlyArray<{ readonly argument: string; readonly reason: string }>
}

/** Commands of Claude Code, 2.1.330 and before. Those of the first list never talk to a model. */
const housekeeping: ReadonlySet<string> = new Set(
  "auth config doctor gateway import install kill logs mcp migrate-installer plugin plugins purge rm setup-token stop update upgrade".split(
    " "
  )
)
const otherCommands: ReadonlySet<string> = new Set(
  "agents attach auto-mode rc remote-control respawn ultrareview".split(" ")
)
const help = new Set(["-h", "--help"])
/** Asks no model either, but shows that everything is in place: the profile, the gateway, Claude Code itself. */
const version = new Set(["-v", "--version"])

/** The arguments before `--`; what follows is prompt text. */
const options = (child: ReadonlyArray<string>): ReadonlyArray<string> => {
  const border = child.indexOf("--")
  return border < 0 ? child : child.slice(0, border)
}

// short switches can be joined: -pc is --print --continue
const isPrint = (argument: string): boolean => argument === "--print" || /^-c?p[a-z]*$/.test(argument)

const choosesMode = (argument: string): boolean =>
  argument === "--permission-mode" ||
  argument.startsWith("--permission-mode=") ||
  argument === "--dangerously-skip-permissions"

/**
 * The command line of Claude Code. `mode` is what to do about its permission mode: behind a translating gateway its
 * automatic mode cannot work, because the safety check is run by Anthropic's own server, so an asking mode is chosen
 * unless the user chose one (on the command line, or in a settings file: `settingsMode`).
 */
export const planArguments = (
  child: ReadonlyArray<string>,
  facts: { readonly translated: boolean; readonly settingsMode: string | undefined }
): ChildPlan => {
  const before = options(child)
  const first = child[0] ?? ""
  const isCommand = housekeeping.has(first) || otherCommands.has(first)
  const serves = first === "mcp" && child[1] === "serve"
  const interactive = !isCommand && !help.has(first) && !version.has(first) && !before.some(isPrint)
  const chosen = before.some(choosesMode) || (facts.settingsMode !== undefined && facts.settingsMode !== "auto")
  const asks = interactive && facts.translated && !chosen
  return {
    arguments: asks ? ["--permission-mode", "default", ...child] : child,
    interactive,
    needsGateway: serves || (!housekeeping.has(first) && !help.has(first)),
    added: asks
      ? [
          {
            argument: "--permission-mode default",
            reason: "the automatic mode needs a check that only Anthropic's own server runs"
          }
        ]
      : []
  }
}
