/** The gateway's telemetry on its way to an OTLP collector. Loaded only where one is set. */
import { FetchHttpClient } from "@effect/platform"
import { Effect, Layer, Logger } from "effect"
import { Journal } from "../gateway/Journal.ts"
import { makeExporter } from "../telemetry/Exporter.ts"
import { targetOf } from "../telemetry/otlpTarget.ts"

/** The same journal, of which every record is exported as well; and so is every line of the log. */
export const exporting = (...given: Parameters<typeof targetOf>) => {
  const target = targetOf(...given)
  return <E, R>(journal: Layer.Layer<Journal, E, R>): Layer.Layer<Journal, E, R> => {
    if (target === undefined) return journal
    if (typeof target === "string") {
      const warning = Effect.logWarning(`No telemetry is exported: ${target}.`)
      return Layer.merge(journal, Layer.effectDiscard(warning))
    }
    const exported = Effect.map(makeExporter(target), ({ logger, note }) => {
      const both = Effect.map(Journal, (inner) => ({
        ...inner,
        append: (record: Parameters<typeof note>[0]) => {
          note(record)
          return inner.append(record)
        }
      }))
      return Layer.merge(Logger.add(logger), Layer.provide(Layer.effect(Journal, both), journal))
    })
    return Layer.unwrapScoped(exported).pipe(Layer.provide(FetchHttpClient.layer))
  }
}
