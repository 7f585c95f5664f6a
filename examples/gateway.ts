/**
 * The gateway inside a bigger program: its layers beside the program's own, a configuration held in code, and a real
 * conversation with a provider (here a scripted one on this machine) over HTTP.
 */
import { HttpClient, HttpClientRequest, HttpServer } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { Config, Gateway } from "claudex"
import { GatewayServer } from "claudex/node"
import { ChatScript, ScriptedUpstream, UpstreamScript } from "claudex/testing"
import { Effect, Layer, Logger, Option, Redacted, Schema } from "effect"

const token = Redacted.make("a-token-of-this-program")

const settingsFor = (providerUrl: string) =>
  Schema.decodeSync(Config.ConfigFile)({
    profiles: [
      {
        name: "local",
        provider_type: "OpenAICompatible",
        base_url: providerUrl,
        default_model: "acme-large",
        api_key: "sk-of-the-provider"
      }
    ]
  })

/** Everything the gateway stands on, for a provider at this address. */
const gatewayFor = (providerUrl: string) =>
  GatewayServer.layer(0).pipe(
    Layer.provide([
      Gateway.Lifecycle.layer,
      Gateway.Journal.layerMemory,
      Gateway.LentEnvironment.layer.pipe(Layer.provide(Config.Environment.layer)),
      Config.Config.layerOf(settingsFor(providerUrl)),
      Layer.succeed(Gateway.GatewaySettings, {
        token,
        identity: { instance: "example", version: "0.0.0", pid: process.pid },
        anchor: { cwd: process.cwd(), explicit: Option.none() },
        host: "127.0.0.1",
        allowRemote: false
      })
    ])
  )

const conversation = Effect.gen(function* () {
  const { address } = yield* HttpServer.HttpServer
  const port = address._tag === "TcpAddress" ? address.port : 0
  const client = yield* HttpClient.HttpClient
  const response = yield* HttpClientRequest.post(`http://127.0.0.1:${port}/proxy/local/v1/messages`).pipe(
    HttpClientRequest.bearerToken(token),
    HttpClientRequest.bodyUnsafeJson({
      model: "claude-sonnet-4-5",
      max_tokens: 100,
      stream: true,
      messages: [{ role: "user", content: "Say hello." }]
    }),
    client.execute
  )
  console.log(yield* response.text)
})

const program = Effect.gen(function* () {
  const provider = yield* ScriptedUpstream.make
  yield* provider.enqueue(
    UpstreamScript.stream([
      ChatScript.role,
      ChatScript.text("Hello from "),
      ChatScript.text("the provider."),
      ChatScript.finish("stop"),
      ChatScript.done
    ])
  )
  yield* Effect.provide(conversation, gatewayFor(`${provider.url}/v1`))
  const [asked] = yield* provider.requests
  console.log(`the provider was asked for ${JSON.stringify(asked?.body)}`)
})

await program.pipe(
  Effect.scoped,
  Effect.provide(Layer.mergeAll(NodeHttpClient.layerUndici, Logger.remove(Logger.defaultLogger))),
  Effect.runPromise
)
