/** The HTTP client for the local gateway: without proxies, and without following anybody elsewhere with the token. */
import { FetchHttpClient } from "@effect/platform"
import { Layer } from "effect"

export const loopbackHttp = FetchHttpClient.layer.pipe(
  Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "error" }))
)
