/**
 * The keys that profiles name by `api_key_keyring`, as a running gateway has them: read when a profile first asks for one, then
 * held in memory, so that no request waits for a keyring. Another key counts within seconds after claudex stored it, and
 * within a minute of use when another program changed the keyring: a gateway that nobody asks anything leaves it alone, as a
 * keyring may ask its user.
 */
import { Effect, Either, Option, Redacted, type Scope } from "effect"
import { type KeyLookup, noKeys } from "../credentials/ApiKey.ts"

/** Where the keys are. */
export interface KeySource {
  readonly get: KeyLookup
  /** Differs when a key may have changed; cheap. */
  readonly version: Effect.Effect<string>
}

export interface KeptKeys {
  /** At once for an account that was asked for before. */
  readonly get: KeyLookup
  /** Grows with every key that changed: what was made of the keys before no longer holds. */
  readonly generation: () => number
}

type Answer = Effect.Effect.Success<ReturnType<typeof ask>>

const ask = (source: KeySource, account: string) => Effect.either(source.get(account))

const isKey = (answer: Answer): boolean => Either.isRight(answer) && Option.isSome(answer.right)

const sameAnswer = (one: Answer, other: Answer): boolean => {
  if (Either.isLeft(one) || Either.isLeft(other)) {
    return Either.isLeft(one) && Either.isLeft(other) && one.left.message === other.left.message
  }
  return Option.getEquivalence<Redacted.Redacted<string>>((a, b) => Redacted.value(a) === Redacted.value(b))(
    one.right,
    other.right
  )
}

const interval = "2 seconds"

/** In every so manieth look keys are read again that nothing seems to have changed. */
const rounds = 30

const nowhere: KeySource = { get: noKeys, version: Effect.succeed("") }

/** Looks after the keys for the scope. */
export const keptKeys = (source: KeySource = nowhere): Effect.Effect<KeptKeys, never, Scope.Scope> =>
  Effect.gen(function* () {
    const kept = new Map<string, Answer>()
    let generation = 0
    let version = yield* source.version
    let used = false

    const readAgain = (which: (answer: Answer) => boolean) =>
      Effect.forEach(
        [...kept].filter(([, before]) => which(before)),
        ([account, before]) =>
          Effect.map(ask(source, account), (now) => {
            if (sameAnswer(before, now)) return
            kept.set(account, now)
            generation += 1
          }),
        { discard: true }
      )

    const look = (round: number) =>
      Effect.gen(function* () {
        if (kept.size === 0) return
        const now = yield* source.version
        const changed = now !== version
        version = now
        if (!changed && !used) return
        const all = changed || round % rounds === 0
        if (all) used = false
        yield* readAgain((answer) => all || !isKey(answer))
      })

    yield* Effect.forkScoped(
      Effect.iterate(1, {
        while: () => true,
        body: (round) => Effect.as(Effect.zipRight(Effect.sleep(interval), look(round)), round + 1)
      })
    )

    return {
      get: (account) =>
        Effect.suspend(() => {
          const known = kept.get(account)
          if (known !== undefined) return known
          return Effect.flatMap(ask(source, account), (answer) => {
            kept.set(account, answer)
            return answer
          })
        }),
      generation: () => {
        used = true
        return generation
      }
    }
  })
