/**
 * The demo provider as an HTTP client: it answers `demo:` URLs inside the process, without a network, as a Chat
 * Completions server would. Whatever stands on an `HttpClient` cannot tell the difference.
 */
import { HttpClient, HttpClientError, HttpClientResponse, type HttpClientRequest } from "@effect/platform"
import { Config, Duration, Effect, Either, Option, Stream } from "effect"
import { parseJson } from "../../protocol/json.ts"
import { offlineScheme } from "../endpoint.ts"
import { completionOf, errorBody, modelList, recordsOf } from "./render.ts"
import { demoTurn, type DemoTurn } from "./turn.ts"

/** Milliseconds between two pieces of a streamed answer when nothing else is said: about as fast as one can read. */
const readingPace = 25

/** `CLAUDEX_DEMO_PACE` in milliseconds; 0 streams at once. A value that is no such number is ignored. */
const pace: Effect.Effect<Duration.Duration> = Config.number("CLAUDEX_DEMO_PACE").pipe(
  Config.validate({ message: "a number of milliseconds, 0 or more", validation: (value) => value >= 0 }),
  Effect.orElseSucceed(() => readingPace),
  Effect.map(Duration.millis)
)

const utf8 = new TextEncoder()

const json = (request: HttpClientRequest.HttpClientRequest, status: number, body: unknown) =>
  HttpClientResponse.fromWeb(
    request,
    new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } })
  )

/** The records at the given pace; every record is one network piece. */
const paced = (turn: DemoTurn, between: Duration.Duration): Stream.Stream<Uint8Array> => {
  const [first, ...rest] = recordsOf(turn)
  const waiting = Duration.toMillis(between) > 0 ? Effect.sleep(between) : Effect.void
  return Stream.concat(
    Stream.fromIterable(first === undefined ? [] : [first]),
    Stream.mapEffect(Stream.rechunk(Stream.fromIterable(rest), 1), (record) => Effect.as(waiting, record))
  ).pipe(Stream.map((record) => utf8.encode(record)))
}

const streamed = (request: HttpClientRequest.HttpClientRequest, turn: DemoTurn) =>
  Effect.gen(function* () {
    // the body runs with the caller's clock and services, and stops when the caller drops it
    const runtime = yield* Effect.runtime<never>()
    const body = Stream.toReadableStreamRuntime(paced(turn, yield* pace), runtime)
    return HttpClientResponse.fromWeb(
      request,
      new Response(body, { status: 200, headers: { "content-type": "text/event-stream; charset=utf-8" } })
    )
  })

/** The request's body as text, for the kinds of body that are in memory. */
const bodyText = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<Option.Option<string>> => {
  switch (request.body._tag) {
    case "Uint8Array":
      return Effect.succeedSome(new TextDecoder().decode(request.body.body))
    case "Stream":
      return Stream.runFold(Stream.decodeText(request.body.stream), "", (all, piece) => all + piece).pipe(Effect.option)
    case "Raw":
      return Effect.succeed(Option.liftPredicate(request.body.body, (body) => typeof body === "string"))
    default:
      return Effect.succeedNone
  }
}

const complete = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.gen(function* () {
    const text = Option.getOrElse(yield* bodyText(request), () => "")
    const turn = demoTurn(parseJson(text))
    if (Either.isLeft(turn)) return json(request, 400, errorBody(turn.left, "invalid_request"))
    return turn.right.stream ? yield* streamed(request, turn.right) : json(request, 200, completionOf(turn.right))
  })

/** The bare scheme is the endpoint itself, as in the built-in profile. */
const isCompletions = (path: string): boolean => path === "" || path === "/" || path.endsWith("/chat/completions")

/**
 * Answers `POST demo:` and `POST demo:…/chat/completions` (whole and streamed) and `GET demo:…/models`; 404 for other
 * paths, a `RequestError` for other schemes. `CLAUDEX_DEMO_PACE` sets the milliseconds between two streamed pieces.
 */
export const demoClient: HttpClient.HttpClient = HttpClient.make((request, url) => {
  if (url.protocol !== offlineScheme) {
    return Effect.fail(
      new HttpClientError.RequestError({
        request,
        reason: "InvalidUrl",
        description: `the demo provider answers ${offlineScheme} URLs only`
      })
    )
  }
  if (request.method === "POST" && isCompletions(url.pathname)) return complete(request)
  if (request.method === "GET" && url.pathname.endsWith("/models")) return Effect.succeed(json(request, 200, modelList))
  const message = `the demo provider has no ${request.method} ${url.pathname}`
  return Effect.succeed(json(request, 404, errorBody(message, "not_found")))
})
