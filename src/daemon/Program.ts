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

/** The first argument that makes claudex the background gateway; not for people. Its second one is a `GatewayOrder`. */
export const gatewayWord = "gateway-process"
