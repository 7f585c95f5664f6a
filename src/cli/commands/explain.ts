import { Args, Command, Options } from "@effect/cli"
import { Effect } from "effect"

const id = Args.text({ name: "id" }).pipe(
  Args.withDescription("the request-id of an answer or how it begins, or last, which is the newest request"),
  Args.withDefault("last")
)

const json = Options.boolean("json").pipe(
  Options.withDescription("Print its record as one JSON document, for programs.")
)

/** `claudex explain [id]`: what became of one request. */
export const explain = Command.make("explain", { id, json }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("../handlers/explain.ts")),
    ({ handle }) => handle(options)
  )
).pipe(
  Command.withDescription(
    "Tell what became of a request: who was asked and why, how each attempt ended, what was changed on the way, and what it cost. Works without a gateway too."
  )
)
