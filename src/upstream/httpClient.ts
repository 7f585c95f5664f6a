/**
 * Any `HttpClient` as an upstream: an offline provider, a recorded one, or the client of another platform. Costs more
 * per chunk than the network layer of the platform at hand.
 */
import { HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { Deferred, Effect, Exit, Layer, Stream } from "effect"
import { bodyError, connectionError, TransportError } from "./TransportError.ts"
import { type BodyReader, UpstreamHttp, type UpstreamBody, type UpstreamRequest } from "./UpstreamHttp.ts"

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "") || url

const failed = (host: string, error: HttpClientError.HttpClientError): TransportError =>
  error._tag === "RequestError" && error.reason !== "Transport"
    ? new TransportError({ kind: "connect", host, detail: `the request could not be made (${error.reason})` })
    : connectionError(host, error.cause)

/** Lets a stream be driven by callbacks; the fiber that runs it ends with the scope, or when the body is released. */
const bodyOf = (bytes: Stream.Stream<Uint8Array, HttpClientError.HttpClientError>, host: string) =>
  Effect.gen(function* () {
    const taken = yield* Deferred.make<BodyReader>()
    const released = yield* Deferred.make<void>()
    const flowing = yield* Effect.makeLatch(true)
    let gone = false

    const deliver = (reader: BodyReader) =>
      bytes.pipe(
        Stream.runForEachChunk((chunk) =>
          flowing.whenOpen(
            Effect.sync(() => {
              for (const piece of chunk) if (!gone) reader.bytes(piece)
            })
          )
        ),
        Effect.match({
          onSuccess: () => (gone ? undefined : reader.end()),
          onFailure: (error) => (gone ? undefined : reader.fail(bodyError(host, error.cause)))
        })
      )
    yield* Effect.forkScoped(Effect.raceFirst(Effect.flatMap(Deferred.await(taken), deliver), Deferred.await(released)))
    return {
      read: (reader) => Deferred.unsafeDone(taken, Exit.succeed(reader)),
      pause: () => flowing.unsafeClose(),
      resume: () => flowing.unsafeOpen(),
      release: () => {
        gone = true
        Deferred.unsafeDone(released, Exit.void)
      }
    } satisfies UpstreamBody
  })

const clientRequest = ({
  body,
  headers,
  method = "POST",
  url
}: UpstreamRequest): HttpClientRequest.HttpClientRequest => {
  const request = HttpClientRequest.make(method)(url).pipe(HttpClientRequest.setHeaders(headers))
  return body === undefined
    ? request
    : HttpClientRequest.bodyUint8Array(request, body, headers["content-type"] ?? "application/json")
}

/** The service over one client. Redirects and trace headers are not added here; whether the client does is its matter. */
export const fromHttpClient = (client: HttpClient.HttpClient): typeof UpstreamHttp.Service => {
  const quiet = client.pipe(HttpClient.withTracerPropagation(false), HttpClient.withScope)
  return {
    send: (request: UpstreamRequest) =>
      Effect.gen(function* () {
        const host = hostOf(request.url)
        const response = yield* quiet
          .execute(clientRequest(request))
          .pipe(Effect.mapError((error) => failed(host, error)))
        const body = yield* bodyOf(response.stream, host)
        return { status: response.status, headers: response.headers, body }
      })
  }
}

/** `UpstreamHttp` over whatever `HttpClient` is provided. */
export const layer: Layer.Layer<UpstreamHttp, never, HttpClient.HttpClient> = Layer.effect(
  UpstreamHttp,
  Effect.map(HttpClient.HttpClient, fromHttpClient)
)
