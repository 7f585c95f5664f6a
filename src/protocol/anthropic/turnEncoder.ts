/**
 * TurnEvents → Anthropic events. Owns what only this wire demands: the stream grammar (§1.6), one open block at a
 * time, block indices, call ids, the stop reason, and that nothing legal is ever said about a turn that failed.
 */
import { zeroUsage, type Usage } from "../../domain/Usage.ts"
import type { TurnContext } from "../context.ts"
import { gatewayError, type GatewayError } from "../errors.ts"
import { textWeight, weightTokens } from "../estimate.ts"
import { downId, freshId } from "../ids.ts"
import { asString, isObject } from "../json.ts"
import { seal, type Replay } from "../reasoning.ts"
import type { Finish, StopReason, TurnEvent, TurnSink } from "../turn.ts"
import { endCall, forwardable, isComplete, pendingCall, receive, type PendingCall } from "./calls.ts"
import type { WireBlock, WireDelta, WireSink, WireStopDetails, WireUsage } from "./wire.ts"

/** Takes the events of one turn and emits those of the wire, in the order its grammar asks for. */
export interface TurnEncoder {
  readonly sink: TurnSink
  /** Says success before the provider did, with a ping; does nothing once started. */
  readonly commit: () => void
  readonly started: () => boolean
  readonly ended: () => boolean
  readonly failure: () => GatewayError | undefined
  /** The provider's latest usage; undefined while it has reported none. */
  readonly usage: () => Usage | undefined
}

/** Precedence of the wire specification §4.3. */
export const stopReason = (
  finish: Finish,
  calls: boolean,
  refused: boolean,
  stops: ReadonlyArray<string>
): StopReason => {
  if (finish.reason === "length") return "max_tokens"
  if (finish.reason === "filter" || refused) return "refusal"
  if (calls) return "tool_use"
  return finish.sequence !== undefined && stops.includes(finish.sequence) ? "stop_sequence" : "end_turn"
}

/** How often the provider used its own tools in one answer. */
interface Served {
  web_search: number
  web_fetch: number
}

export const wireUsage = (usage: Usage, served: Served = { web_search: 0, web_fetch: 0 }): WireUsage => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: usage.cacheWriteTokens,
  cache_read_input_tokens: usage.cacheReadTokens,
  output_tokens: usage.outputTokens,
  ...(usage.reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }),
  ...(served.web_search + served.web_fetch === 0
    ? {}
    : { server_tool_use: { web_search_requests: served.web_search, web_fetch_requests: served.web_fetch } })
})

const isToolError = (result: unknown): boolean =>
  isObject(result) && (asString(result["type"]) ?? "").endsWith("_error")

type ServerToolEvent = Extract<TurnEvent, { readonly type: "server-tool" }>

/** What waits while a call that is not complete holds the one open block. */
type Waiting =
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | { readonly type: "text-end" }
  | { readonly type: "seal"; readonly replay: Replay }
  | { readonly type: "call"; readonly call: PendingCall }
  | { readonly type: "server"; readonly tool: ServerToolEvent }

/**
 * While `live` holds, tool arguments are forwarded as they come. Otherwise they are held until the call ends, for a reader that wants
 * the whole message anyway: then a broken call never costs the turn.
 */
export const turnEncoder = (context: TurnContext, emit: WireSink, live: () => boolean): TurnEncoder => {
  let phase: "waiting" | "open" | "done" = "waiting"
  let started = false
  let failure: GatewayError | undefined
  let usage: Usage | undefined
  let index = -1
  let open: "none" | "text" | "thinking" | "call" = "none"
  let liveCall: PendingCall | undefined
  let pendingSeal: Replay | undefined
  let waiting: Array<Waiting> = []
  const calls = new Map<number, PendingCall>()
  const ids = new Set(context.seenIds)
  const served: Served = { web_search: 0, web_fetch: 0 }
  let refusal: string | undefined
  /** White space that waits for the text behind it: a block of nothing else is refused when it is replayed. */
  let space = ""
  /** The weight of what was shown, for a provider that counts nothing. */
  let shown = 0

  const start = () => {
    if (phase !== "waiting") return
    phase = "open"
    started = true
    emit({
      type: "message_start",
      message: {
        id: freshId("msg_"),
        type: "message",
        role: "assistant",
        model: context.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: wireUsage(usage ?? { ...zeroUsage, inputTokens: context.estimate })
      }
    })
  }

  const delta = (part: WireDelta) => emit({ type: "content_block_delta", index, delta: part })

  const openBlock = (kind: "text" | "thinking" | "call", block: WireBlock) => {
    index += 1
    open = kind
    emit({ type: "content_block_start", index, content_block: block })
  }

  const closeBlock = () => {
    if (open === "none") return
    if (open === "thinking") {
      const replay = pendingSeal ?? plainReplay(context)
      pendingSeal = undefined
      delta({ type: "signature_delta", signature: seal(replay) })
    }
    open = "none"
    emit({ type: "content_block_stop", index })
  }

  const fail = (error: GatewayError) => {
    failure = error
    if (phase === "open") emit({ type: "error", error: { type: error.type, message: error.message } })
    phase = "done"
  }

  const showText = (piece: string) => {
    const text = space + piece
    if (open !== "text") {
      if (text.trim() === "") {
        space = text
        return
      }
      closeBlock()
      openBlock("text", { type: "text", text: "" })
    }
    space = ""
    shown += textWeight(text)
    delta({ type: "text_delta", text })
  }

  const showReasoning = (text: string) => {
    if (open !== "thinking") {
      closeBlock()
      openBlock("thinking", { type: "thinking", thinking: "", signature: "" })
    }
    shown += textWeight(text)
    delta({ type: "thinking_delta", thinking: text })
  }

  const showSeal = (replay: Replay) => {
    if (open === "thinking") {
      pendingSeal = replay
      closeBlock()
    } else {
      closeBlock()
      openBlock("text", { type: "redacted_thinking", data: seal(replay) })
      closeBlock()
    }
  }

  const showCall = (call: PendingCall) => {
    closeBlock()
    openBlock("call", { type: "tool_use", id: call.id, name: call.name, input: {} })
    liveCall = call
  }

  /** Both blocks at once: the sources of a search are known only with its result. */
  const showServerTool = ({ id, input, name, result }: ServerToolEvent) => {
    const own = id === undefined ? undefined : downId(id)
    const use = own === undefined || ids.has(own) ? freshId("srvtoolu_") : own
    ids.add(use)
    closeBlock()
    openBlock("text", { type: "server_tool_use", id: use, name, input: {} })
    delta({ type: "input_json_delta", partial_json: JSON.stringify(input) })
    closeBlock()
    openBlock("text", { type: `${name}_tool_result`, tool_use_id: use, content: result })
    closeBlock()
    // Anthropic counts no search that failed
    if (!isToolError(result)) served[name] += 1
  }

  const showArguments = (json: string) => {
    if (json === "") return
    shown += textWeight(json)
    delta({ type: "input_json_delta", partial_json: json })
  }

  const forward = () => {
    if (liveCall !== undefined && live()) showArguments(forwardable(liveCall))
  }

  /** Closes the live call; false when that failed the turn. */
  const closeCall = (cut: boolean): boolean => {
    const call = liveCall
    if (call === undefined) return true
    const end = endCall(call, cut)
    if (end.type === "broken") {
      fail(gatewayError("api_error", `${context.provider}: the arguments of the call to ${call.name} broke off`))
      return false
    }
    showArguments(end.json)
    liveCall = undefined
    closeBlock()
    return true
  }

  const show = (item: Waiting) => {
    switch (item.type) {
      case "text":
        return showText(item.text)
      case "text-end":
        return open === "text" ? closeBlock() : undefined
      case "reasoning":
        return showReasoning(item.text)
      case "seal":
        return showSeal(item.replay)
      case "call":
        return showCall(item.call)
      case "server":
        return showServerTool(item.tool)
    }
  }

  /**
   * Shows what waits, as far as the live call lets it; at the end of the turn (`last`) everything. A call that had to
   * wait until then is shown whole: had a beginning of it been shown, broken arguments would cost the turn.
   */
  const drain = (last: boolean, cut: boolean) => {
    for (;;) {
      if (liveCall !== undefined) {
        if (!last) forward()
        if (!last && !liveCall.ended && (waiting.length === 0 || !isComplete(liveCall))) return
        if (!closeCall(cut)) return
      }
      const item = waiting.shift()
      if (item === undefined) return
      show(item)
    }
  }

  const enqueue = (item: Waiting) => {
    if (liveCall === undefined) {
      show(item)
      return forward()
    }
    const tail = waiting.at(-1)
    if (tail !== undefined && tail.type === item.type && (item.type === "text" || item.type === "reasoning")) {
      waiting[waiting.length - 1] = { type: item.type, text: textOf(tail) + item.text }
    } else waiting.push(item)
    drain(false, false)
  }

  const callId = (id: string | undefined): string => {
    const mine = id === undefined ? undefined : downId(id)
    const chosen = mine === undefined || ids.has(mine) ? freshId("toolu_") : mine
    ids.add(chosen)
    return chosen
  }

  const stop = (finish: Finish) => {
    drain(true, finish.reason === "length")
    if (phase === "done") return
    closeBlock()
    const reason = stopReason(finish, calls.size > 0, refusal !== undefined, context.stopSequences)
    const details: WireStopDetails | undefined =
      reason === "refusal" ? { type: "refusal", category: null, explanation: refusal ?? null } : undefined
    emit({
      type: "message_delta",
      delta: {
        stop_reason: reason,
        stop_sequence: reason === "stop_sequence" ? (finish.sequence ?? null) : null,
        ...(details === undefined ? {} : { stop_details: details })
      },
      usage: wireUsage(
        usage ?? { ...zeroUsage, inputTokens: context.estimate, outputTokens: weightTokens(shown) },
        served
      )
    })
    emit({ type: "message_stop" })
    phase = "done"
  }

  const sink = (event: TurnEvent) => {
    if (phase === "done") return
    if (phase === "waiting" && event.type !== "fail" && event.type !== "usage") start()
    switch (event.type) {
      case "start":
        return
      case "text":
      case "sources":
        return event.text === "" ? undefined : enqueue({ type: "text", text: event.text })
      case "reasoning":
        return event.text === "" ? undefined : enqueue({ type: "reasoning", text: event.text })
      case "refusal":
        refusal = (refusal ?? "") + event.text
        return event.text === "" ? undefined : enqueue({ type: "text", text: event.text })
      case "text-end":
        return enqueue({ type: "text-end" })
      case "reasoning-seal":
        return enqueue({ type: "seal", replay: event.replay })
      case "server-tool":
        return enqueue({ type: "server", tool: event })
      case "call-start": {
        const call = pendingCall(callId(event.id), event.name)
        calls.set(event.key, call)
        return enqueue({ type: "call", call })
      }
      case "call-args": {
        const call = calls.get(event.key)
        if (call === undefined) return
        if (!receive(call, event.json)) {
          return fail(gatewayError("api_error", `${context.provider}: arguments for ${call.name} came after its end`))
        }
        if (call === liveCall) forward()
        return
      }
      case "call-end": {
        const call = calls.get(event.key)
        if (call === undefined) return
        call.ended = true
        return drain(false, false)
      }
      case "usage":
        usage = event.usage
        return
      case "stop":
        return stop(event.finish)
      case "fail":
        return fail(event.error)
    }
  }

  return {
    sink,
    commit: () => {
      if (phase !== "waiting") return
      start()
      emit({ type: "ping" })
    },
    started: () => started,
    ended: () => phase === "done",
    failure: () => failure,
    usage: () => usage
  }
}

const textOf = (item: Waiting): string => (item.type === "text" || item.type === "reasoning" ? item.text : "")

/** Seals reasoning that needs nothing but its visible text to be replayed. */
const plainReplay = (context: TurnContext): Replay => ({
  provider: context.kind,
  model: context.upstreamModel,
  protocol: context.protocol,
  payload: {}
})
