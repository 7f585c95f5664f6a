/** Clients that leave at the very moment in which they are answered. */
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import type { IncomingMessage } from "node:http"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventually, hello, start } from "./support.ts"

const begun = "http.server.request.start"

/** Closes the gateway's side of the connection as soon as a request for the profile is read, before it is answered. */
const leavingAfterBody = (profile: string) => {
  const listener = (message: unknown) => {
    const { request } = message as { readonly request: IncomingMessage } // as Node documents the channel
    if (request.url?.includes(`/${profile}/`) === true) request.once("end", () => request.socket.destroy())
  }
  return Effect.acquireRelease(
    Effect.sync(() => subscribe(begun, listener)),
    () => Effect.sync(() => unsubscribe(begun, listener))
  )
}

it.scoped("lets go of a request whose client left before the last byte of a whole answer was taken", () =>
  Effect.gen(function* () {
    const { ask, journal, lifecycle } = yield* start()
    yield* leavingAfterBody("nobody")
    for (let time = 0; time < 5; time += 1) {
      yield* Effect.exit(ask({ path: "/proxy/nobody/v1/messages", body: hello() }))
    }
    yield* eventually(() => lifecycle.inFlight() === 0)
    yield* eventually(() => journal.recent(10).length === 5)
    expect(journal.recent(10).map(({ profile }) => profile)).toEqual(Array.from({ length: 5 }, () => "nobody"))
  })
)
