/**
 * Looks after the gateway while a session uses it. Claude Code knows it by its address and asks there again for a while after
 * a failure, so a gateway that died (for want of memory, by a crash, by a signal) is started anew at that address; and whichever gateway
 * takes the place of another there is lent the session's variables, which only the one before knew.
 *
 * A gateway that was stopped, by `claudex proxy stop` or in its terminal, left no state behind: that was somebody's will, and nothing is done about it.
 */
import { Effect } from "effect"
import { gatewayAt } from "../daemon/presence.ts"
import { joinGateway, type JoinedGateway, type Session } from "./session.ts"

/** Between looks: Claude Code is more patient with a gateway that does not answer. */
const pause = 3_000
/** Who kills a gateway that hangs tidies up after it: what is found dead may be about to be gone. Milliseconds. */
const secondThought = 1_000
/** After starts in vain. Milliseconds. */
const longestPause = 60_000

/** Answers the instance that the session knows then. */
const look = (session: Session, { url }: JoinedGateway, known: string) =>
  Effect.gen(function* () {
    const first = yield* gatewayAt(url)
    if (first === undefined || (first.state.instance === known && !first.isDead)) return known
    if (first.isDead) {
      yield* Effect.sleep(secondThought)
      const second = yield* gatewayAt(url)
      if (second === undefined || second.state.instance !== first.state.instance) return known
    }
    return (yield* joinGateway(session, { host: first.state.host, port: first.state.port })).instance
  })

/** Until it is interrupted. Nobody hears of its failures: whoever asks the gateway hears that it does not answer. */
export const keepGateway = (session: Session, gateway: JoinedGateway) =>
  Effect.iterate(
    { known: gateway.instance, wait: pause },
    {
      while: () => true,
      body: ({ known, wait }) =>
        look(session, gateway, known).pipe(
          Effect.delay(wait),
          Effect.match({
            onFailure: () => ({ known, wait: Math.min(longestPause, 2 * wait) }),
            onSuccess: (instance) => ({ known: instance, wait: pause })
          })
        )
    }
  )
