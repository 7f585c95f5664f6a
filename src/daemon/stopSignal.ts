/** Waiting to be told to stop. */
import { constants } from "node:os"
import { Effect, type Scope } from "effect"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
export type StopSignal = (typeof signals)[number]

const listen = Effect.sync(() => {
  const displaced = signals.map((signal) => [signal, process.listeners(signal)] as const)
  let received: StopSignal | undefined
  let tell: (signal: StopSignal) => void = () => undefined
  const listener = (signal: NodeJS.Signals) => {
    if (received !== undefined) process.exit(128 + constants.signals[signal])
    // cast: it is only registered for these
    received = signal as StopSignal
    tell(received)
  }
  for (const signal of signals) process.removeAllListeners(signal).on(signal, listener)
  const release = () => {
    for (const signal of signals) process.off(signal, listener)
    for (const [signal, listeners] of displaced) {
      // cast: Node types what it returns as plain functions; each goes back to the signal it came from
      for (const former of listeners) process.on(signal, former as NodeJS.SignalsListener)
    }
  }
  const first = Effect.async<StopSignal>((resume) => {
    tell = (signal) => resume(Effect.succeed(signal))
    if (received !== undefined) tell(received)
  })
  return { received: first, release }
})

/**
 * The first SIGINT, SIGTERM or SIGHUP while the scope is open. They end nothing by themselves, so that the gateway can let its
 * answers end; a second signal ends the process at once.
 */
export const stopSignal: Effect.Effect<{ readonly received: Effect.Effect<StopSignal> }, never, Scope.Scope> =
  Effect.acquireRelease(listen, ({ release }) => Effect.sync(release))
