/** What one small call of a tool shows of a provider: each capability that could be seen, in the order of the request. Pure. */
import type { ModelInfo } from "../../domain/ModelInfo.ts"
import type { Profile } from "../../domain/Profile.ts"
import { isObject } from "../../protocol/json.ts"
import { wait } from "../reachability/verdict.ts"
import { countOf, elapsed } from "../text.ts"
import { type Capability, fails, lacks, type Word, works } from "./check.ts"
import { type Exchanged, patience, type Seen } from "./exchange.ts"
import { type Heard, heardIn } from "./heard.ts"
import { isThinker, mostTokens, wanted } from "./question.ts"
import { broken, refusal, speakRemedy, streamRemedy, thinkingRemedy, toolRemedy, unsent } from "./refusal.ts"

export interface Asked {
  /** With its variables filled in. */
  readonly profile: Profile
  readonly model: string
  readonly info: ModelInfo
  /** It has a key, and sends it. */
  readonly hasKey: boolean
}

/** Records of a stream that say something. */
const recordsIn = (sent: string): number =>
  sent.split(/[\r\n]+/).filter((line) => /^data:\s*(?!\[DONE\])\S/.test(line)).length

const streaming = ({ firstByte = 0, sent }: Seen): Capability => {
  const records = recordsIn(sent)
  return records > 0
    ? works("stream", `${countOf(records, "piece")}, the first after ${elapsed(firstByte)}`)
    : fails("stream", "stream", "the answer came as a whole, though a stream was asked for", streamRemedy)
}

/** The arguments that are not as they were asked for. Nothing is told that the provider made up. */
const wrongArguments = (input: unknown): ReadonlyArray<string> => {
  const given = isObject(input) ? input : {}
  const right: Readonly<Record<string, unknown>> = wanted.input
  const wrong = Object.keys(right).filter((name) => given[name] !== right[name])
  return Object.keys(given).every((name) => name in right) ? wrong : [...wrong, "others"]
}

const calling = ({ calls, stop, text }: Heard, info: ModelInfo): Capability => {
  const wrong = (message: string) => fails("tools", "tools", message, toolRemedy)
  const [call] = calls
  if (call !== undefined) {
    const faults = wrongArguments(call.input)
    if (call.name !== wanted.tool) return wrong("a tool was called that was not offered")
    return faults.length === 0
      ? works("tools", "the tool was called with the right arguments")
      : wrong(`the tool was called with wrong arguments: ${faults.join(", ")}`)
  }
  if (stop === "max_tokens") {
    const remedy = "Test again; if it stays so, choose another model: this one says too much before it calls a tool."
    return lacks("tools", "tools", `no tool was called within ${mostTokens(info)} tokens`, remedy)
  }
  if (text.trim() === "") return wrong("no tool was called, and nothing was said")
  return wrong(
    text.includes(wanted.input.word) ? "the call was written as text" : "words came, and no call of the tool"
  )
}

const counting = ({ record }: Exchanged, { providerType }: Profile): Capability => {
  const usage = record?.usage
  if (usage === undefined) {
    const setting = providerType === "OpenAICompatible" ? " Try stream_usage = true in [profiles.quirks]." : ""
    const remedy = `Claude Code is told estimates of the context used, and costs are unknown.${setting}`
    return lacks("usage", "usage", "the answer does not say how many tokens it took", remedy)
  }
  const prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
  return works("usage", `${countOf(prompt, "token")} in, ${usage.output_tokens} out`)
}

const stopping = ({ calls, stop }: Heard): Capability => {
  const expected = calls.length > 0 ? "tool_use" : "end_turn"
  if (stop === expected || (stop === "max_tokens" && calls.length === 0)) return works("stop", `it ended with ${stop}`)
  const remedy =
    "Claude Code may stop in the middle of its work. If it does, tell it to go on, or choose another model."
  return stop === undefined
    ? lacks("stop", "stop", "the answer does not say why it ended", remedy)
    : lacks(
        "stop",
        "stop",
        `it ended with ${/^[a-z_]{1,30}$/.test(stop) ? stop : "another word"}, not with ${expected}`,
        remedy
      )
}

/** Nothing where it cannot be known: a model that takes efforts decides by itself whether so little needs thinking. */
const thinking = (
  { thought }: Heard,
  { record, seen }: Exchanged,
  { info, profile }: Asked
): ReadonlyArray<Capability> => {
  if (thought) return [works("thinking", "it thinks, and shows it")]
  if ((record?.usage?.reasoning_tokens ?? 0) > 0) return [works("thinking", "it thinks, and does not show it")]
  if (!isThinker(info) || info.reasoning === "always") return []
  const without = (message: string) => [lacks("thinking", "thinking", message, thinkingRemedy(profile))]
  if (!seen.toThink) return without("the model can think, and claudex does not know how to ask this server for it")
  return info.reasoning === "switch" ? without("it was asked to think, and nothing was seen of it") : []
}

const answered = (exchanged: Exchanged, asked: Asked, answer: string): ReadonlyArray<Capability> => {
  const { failure } = exchanged.seen
  const heard = heardIn(answer)
  if (failure !== undefined) return [broken("answer", asked.profile, failure)]
  if (heard.broke) return [fails("answer", "broken", "an error came in the middle of the answer", wait)]
  if (!heard.isMessage) {
    return [fails("answer", "garbage", "the answer cannot be understood", speakRemedy(asked.profile))]
  }
  return [
    works("model", `${asked.model} answers`),
    streaming(exchanged.seen),
    calling(heard, asked.info),
    counting(exchanged, asked.profile),
    stopping(heard),
    ...thinking(heard, exchanged, asked)
  ]
}

/** What a server looks at once it has accepted the key. */
const behindKey: ReadonlySet<Word> = new Set(["model", "tools", "stream", "thinking"])

/** Whoever begins to answer has accepted the key; a page in place of an answer says nothing of it. */
const isKeyKnown = ({ status = 0 }: Seen, found: ReadonlyArray<Capability>): boolean =>
  found.some(({ check }) => behindKey.has(check)) ||
  (status < 300 && !found.some((one) => one.status === "fail" && one.reason === "garbage"))

/** What was seen, up to the first thing that does not work where the rest hangs on it. */
export const findings = (exchanged: Exchanged, asked: Asked): ReadonlyArray<Capability> => {
  const { answer, record, seen } = exchanged
  const { hasKey, model, profile } = asked
  const error = record?.attempts.at(-1)?.error
  const late = fails("answer", "timeout", `no complete answer within ${patience.whole} s`, wait)
  if (seen.status === undefined) {
    if (seen.failure !== undefined) return [broken("reach", profile, seen.failure)]
    if (answer === undefined) return [late]
    return [error?.type === "timeout_error" ? refusal(profile, model, seen, error) : unsent(profile, error)]
  }
  const reached = works("reach", `${new URL(profile.baseUrl).host} answers`)
  if (answer === undefined) return [reached, late]
  const found = error === undefined ? answered(exchanged, asked, answer) : [refusal(profile, model, seen, error)]
  const key = works("key", hasKey ? "it is accepted" : "none is set, and none is asked for")
  return [reached, ...(isKeyKnown(seen, found) ? [key] : []), ...found]
}
