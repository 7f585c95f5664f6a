import { version } from "../../domain/version.ts"
import { print } from "../output.ts"

/** `claudex` alone: what to type next. */
export const handle = print(
  [
    `claudex ${version}: Claude Code with any model provider`,
    "",
    "  claudex run demo         try it, without a key",
    "  claudex profile add      a profile for a provider of yours",
    "  claudex run <profile>    Claude Code with a profile of your configuration",
    "  claudex doctor           whether everything is in place",
    "  claudex --help           everything else"
  ].join("\n")
)
