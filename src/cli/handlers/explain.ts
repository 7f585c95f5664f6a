import { Clock, Effect, Either, Schema } from "effect"
import { ClientToken } from "../../credentials/ClientToken.ts"
import { presence } from "../../daemon/presence.ts"
import { RequestRecord } from "../../domain/RequestRecord.ts"
import { type NotPicked, pick } from "../../gateway/admin/pick.ts"
import { loopbackHttp } from "../loopback.ts"
import { Failure, outWidth, print } from "../output.ts"
import { requestReport } from "../requestReport.ts"

/** Asks the running gateway; fails when there is none, or it knows no such request, or cannot tell. */
const ofGateway = (id: string) =>
  Effect.gen(function* () {
    const now = yield* presence
    if (now._tag !== "Running") return yield* Effect.fail("no gateway")
    const { adminClient } = yield* Effect.promise(() => import("../../daemon/adminClient.ts"))
    // only now: the layer makes a token where there is none
    const token = yield* Effect.provide(ClientToken, ClientToken.layer)
    const client = yield* adminClient(now.url, token)
    return yield* client.requests.request({ path: { id: encodeURIComponent(id) } })
  })

/** Looks in what the gateways of the user have written. */
const ofFiles = (id: string) =>
  Effect.gen(function* () {
    const { readJournal, searchJournal } = yield* Effect.promise(() => import("../../gateway/journalFiles.ts"))
    const found = id === "last" ? [] : yield* searchJournal(id)
    const records = found.length > 0 ? found : yield* readJournal(1)
    return yield* Effect.mapError(pick(records.toReversed(), id), notPicked)
  })

const next = { Empty: "claudex run demo", None: "claudex explain last", Several: "claudex explain ID" }

const notPicked = ({ _tag, message }: NotPicked): Failure =>
  new Failure({ message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, next: next[_tag], code: 1 })

const encode = Schema.encodeSync(Schema.parseJson(RequestRecord, { space: 2 }))

const written = (record: RequestRecord, json: boolean) =>
  json
    ? print(encode(record))
    : Effect.flatMap(Effect.all([Clock.currentTimeMillis, outWidth]), ([now, width]) =>
        print(requestReport(record, now, width).join("\n"))
      )

/** `claudex explain`: exit code 1 when no such request is recorded. */
export const handle = ({ id, json }: { readonly id: string; readonly json: boolean }) =>
  Effect.gen(function* () {
    const found = yield* Effect.either(ofGateway(id))
    const record = Either.isRight(found) ? found.right : yield* ofFiles(id)
    yield* written(record, json)
  }).pipe(Effect.provide(loopbackHttp))
