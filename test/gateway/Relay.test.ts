import { describe, expect, it } from "@effect/vitest"
import { gatewayError, type GatewayError } from "../../src/protocol/errors.ts"
import { type Carried, Relay } from "../../src/gateway/Relay.ts"
import { TransportError } from "../../src/upstream/TransportError.ts"
import type { BodyReader, UpstreamBody } from "../../src/upstream/UpstreamHttp.ts"

/**
 * A translation that says what it is told to: a `:` is a keep-alive, `done` ends, `boom` throws, `settle` settles, and `whole`
 * completes what is not over before its body is. `asked` hears when it is asked for that.
 */
const puppet = (asked: () => void) => {
  let phase: ReturnType<Carried["phase"]> = "waiting"
  let failure: GatewayError | undefined
  let said = 0
  let whole = false
  const obey = (order: string): string => {
    if (order === ":") return ""
    said += 1
    if (order === "boom") throw new Error("a defect with a secret")
    if (order === "whole") {
      whole = true
      return ""
    }
    if (order === "done") phase = "done"
    else if (order === "settle") phase = "settled"
    else if (order !== "" && phase === "waiting") phase = "open"
    return order === "" || order === "settle" ? "" : `<${order}>`
  }
  const turn: Carried = {
    phase: () => phase,
    failure: () => failure,
    usage: () => undefined,
    push: (bytes) => obey(new TextDecoder().decode(bytes)),
    end: () => obey("done"),
    abort: (error) => {
      const words = phase === "waiting" ? "" : "<error>"
      phase = "done"
      failure = error
      return words
    },
    ping: () => (phase === "open" ? "<ping>" : ""),
    said: () => said,
    isConcluded: () => {
      asked()
      return whole
    }
  }
  return turn
}

const setup = () => {
  const seen: Array<string> = []
  let reader: BodyReader | undefined
  let time = 0
  let room = true
  let asked = 0
  const body: UpstreamBody = {
    read: (given) => {
      reader = given
    },
    pause: () => void seen.push("pause"),
    resume: () => void seen.push("resume"),
    release: (how) => void seen.push(`release ${how}`)
  }
  const relay = new Relay(
    puppet(() => void (asked += 1)),
    { firstByte: 60_000, idle: 30_000, progress: 90_000, minimumPace: 0 },
    {
      now: () => time,
      decided: (failure) => void seen.push(`decided ${failure?.type ?? "success"}`),
      crashed: () => void seen.push("crashed"),
      broken: (cause) => gatewayError("timeout_error", typeof cause === "string" ? cause : cause.kind)
    }
  )
  return {
    relay,
    seen,
    body,
    push: (text: string) => reader?.bytes(new TextEncoder().encode(text)),
    end: () => reader?.end(),
    fail: () => reader?.fail(new TransportError({ kind: "ended-early", host: "h", detail: "reset" })),
    asked: () => asked,
    open: () =>
      relay.open({
        write: (piece) => {
          seen.push(String(piece))
          return room
        },
        end: () => void seen.push("end"),
        cut: (lastWords) => void seen.push(`cut ${lastWords}`)
      }),
    full: (isFull: boolean) => {
      room = !isFull
    },
    pass: (milliseconds: number) => {
      time += milliseconds
      return relay.tick()
    }
  }
}

describe("a relay", () => {
  it("decides once, keeps what came before the client listened, and ends both sides", () => {
    const { body, open, push, relay, seen } = setup()
    relay.attach(body)
    push("")
    expect(seen).toEqual([])
    push("a")
    push("b")
    open()
    push("done")
    push("late")
    expect(seen).toEqual(["decided success", "<a><b>", "<done>", "release complete", "end"])
    expect(relay.wasAbandoned()).toBe(false)
  })

  it("stops the upstream while the client is full, and does not hold its silence against it", () => {
    const { body, full, open, pass, push, relay, seen } = setup()
    relay.attach(body)
    push("a")
    open()
    full(true)
    push("b")
    expect(seen.at(-1)).toBe("pause")
    pass(100_000)
    expect(seen.at(-1)).toBe("pause")
    full(false)
    relay.drained()
    expect(seen.at(-1)).toBe("resume")
    pass(29_000)
    expect(seen.at(-1)).toBe("<ping>")
    pass(1_000)
    expect(seen.slice(-3)).toEqual(["<error>", "release now", "end"])
  })

  it("stops the upstream when nobody takes what was decided long ago", () => {
    const { body, open, push, relay, seen } = setup()
    relay.attach(body)
    push("x".repeat(70_000))
    expect(seen).toEqual(["pause", "decided success"])
    open()
    expect(seen.at(-1)).toBe("resume")
  })

  it("pings every ten seconds of silence and asks to be looked at at least once a second", () => {
    const { body, open, pass, push, relay, seen } = setup()
    relay.attach(body)
    push("a")
    open()
    for (let second = 0; second < 25; second++) expect(pass(1000)).toBeLessThanOrEqual(1000)
    expect(seen.filter((one) => one === "<ping>")).toHaveLength(2)
  })

  it("ends an answer of which only keep-alives have come for too long", () => {
    const { body, open, pass, push, relay, seen } = setup()
    relay.attach(body)
    push("a")
    open()
    const wait = (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        pass(1_000)
        push(":")
      }
    }
    wait(80)
    push("b")
    wait(89)
    expect(seen).not.toContain("<error>")
    wait(2)
    expect(seen.slice(-3)).toEqual(["<error>", "release now", "end"])
  })

  it("holds no wait for the first byte against an answer that begins with keep-alives", () => {
    const { body, pass, push, relay, seen } = setup()
    relay.attach(body)
    pass(59_000)
    push(":")
    for (let second = 0; second < 80; second++) {
      pass(1_000)
      push(":")
    }
    expect(seen).toEqual([])
  })

  it("ends an answer that has settled after two seconds of silence", () => {
    const { body, open, pass, push, relay, seen } = setup()
    relay.attach(body)
    push("a")
    open()
    push("settle")
    pass(1_900)
    expect(seen).not.toContain("end")
    expect(pass(100)).toBeUndefined()
    expect(seen.slice(-3)).toEqual(["<done>", "release complete", "end"])
  })

  it("ends an answer that is complete without having said so after two seconds of silence, or when it breaks off", () => {
    const silent = setup()
    silent.relay.attach(silent.body)
    silent.push("whole")
    silent.pass(1_900)
    expect(silent.seen).toEqual([])
    expect(silent.pass(100)).toBeUndefined()
    expect(silent.seen).toEqual(["decided success", "release complete"])

    const broken = setup()
    broken.relay.attach(broken.body)
    broken.push("a")
    broken.push("whole")
    broken.fail()
    broken.open()
    expect(broken.seen).toEqual(["decided success", "release complete", "<a><done>", "end"])
  })

  it("asks an answer only once in every silence whether it is complete", () => {
    const { asked, body, pass, push, relay } = setup()
    relay.attach(body)
    push("a")
    for (let second = 0; second < 20; second++) pass(1_000)
    expect(asked()).toBe(1)
    push("b")
    pass(1_000)
    expect(asked()).toBe(1)
    for (let second = 0; second < 5; second++) pass(1_000)
    expect(asked()).toBe(2)
  })

  it("survives a translation that throws, before and after the decision", () => {
    const before = setup()
    before.relay.attach(before.body)
    before.push("boom")
    expect(before.seen).toEqual(["crashed", "decided api_error", "release now"])

    const after = setup()
    after.relay.attach(after.body)
    after.push("a")
    after.open()
    after.push("boom")
    expect(after.seen.slice(-4)).toEqual(["crashed", expect.stringContaining("event: error"), "release now", "end"])
    expect(after.seen.join("")).not.toContain("secret")
  })

  it("lets go of an upstream that answers when nobody waits any more", () => {
    const { body, end, relay, seen } = setup()
    relay.cancel()
    relay.attach(body)
    end()
    expect(seen).toEqual(["release now"])
    expect(relay.wasAbandoned()).toBe(true)
    expect(relay.tick()).toBeUndefined()
  })
})
