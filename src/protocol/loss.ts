/**
 * What a translation could not carry as it was, or changed on the way: never silent (design §1). One record per step;
 * the gateway counts them in `x-claudex-losses` and writes them to the log.
 */

export type LossKind =
  /** A field or part is not sent at all. */
  | "dropped"
  /** A value was moved to the nearest one the provider takes. */
  | "clamped"
  /** A demand became a weaker one. */
  | "downgraded"
  /** A schema says less than the client's. */
  | "weakened"
  /** Something else stands in its place: text for an image, a file, a call of another vendor. */
  | "replaced"
  /** A name or an id was shortened or rewritten. */
  | "renamed"
  /** The same words stand in another place or role. */
  | "moved"
  /** The provider is not told; claudex does it itself. */
  | "enforced"
  /** Something that the client did not send stands there now: the provider demands it. */
  | "added"

/** One loss. All texts are for people and hold no content of the conversation and no secret. */
export interface Loss {
  readonly kind: LossKind
  /** The place in the client's request as a JSON path: `messages[3].content[1]`. */
  readonly path: string
  /** What happened, e.g. `the image became a note`. */
  readonly what: string
  /** Why, e.g. `this model cannot read images`. */
  readonly why: string
}

/** Receives losses in the order in which they happen. */
export type LossSink = (kind: LossKind, path: string, what: string, why: string) => void

export interface LossLog {
  readonly lose: LossSink
  readonly losses: () => ReadonlyArray<Loss>
}

const keyOf = ({ kind, path, what }: Loss): string => `${kind} ${path} ${what}`

/** Collects losses; the same step at the same place counts once. */
export const lossLog = (before: ReadonlyArray<Loss> = []): LossLog => {
  const losses = [...before]
  const known = new Set(before.map(keyOf))
  return {
    lose: (kind, path, what, why) => {
      const loss: Loss = { kind, path, what, why }
      const key = keyOf(loss)
      if (known.has(key)) return
      known.add(key)
      losses.push(loss)
    },
    losses: () => losses
  }
}

/** For those who do not ask. */
export const silently: LossSink = () => {}
