/** How this very program is started again, for the background gateway. */
import { Context } from "effect"

export class Program extends Context.Tag("claudex/Program")<
  Program,
  {
    /** An absolute path. */
    readonly command: string
    /** What comes before claudex's own arguments. */
    readonly arguments: ReadonlyArray<string>
  }
>() {}
