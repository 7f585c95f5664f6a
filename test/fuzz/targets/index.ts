/** Everything that reads what comes from outside. */
import type { FuzzTarget } from "../engine.ts"
import { answerTargets } from "./answers.ts"
import { anthropicTargets } from "./anthropic.ts"
import { byteTargets } from "./bytes.ts"
import { requestTargets } from "./requests.ts"
import { valueTargets } from "./values.ts"

export const targets: ReadonlyArray<FuzzTarget> = [
  ...answerTargets,
  ...anthropicTargets,
  ...requestTargets,
  ...byteTargets,
  ...valueTargets
]
