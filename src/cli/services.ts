/** What commands get from the command line as a whole. */
import { Context } from "effect"
import type { Anchor } from "../config/Config.ts"

/** From where this command looks for its configuration. */
export class Where extends Context.Tag("claudex/cli/Where")<Where, Anchor>() {}

/** The part of the command line that is Claude Code's. */
export class ChildArguments extends Context.Tag("claudex/cli/ChildArguments")<
  ChildArguments,
  ReadonlyArray<string>
>() {}
