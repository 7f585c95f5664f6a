/** The client: runs the jobs it is sent and answers with what it saw. Checks every answer, so that speed is not bought. */
import { Agent, request } from "node:http"
import type { Job, JobResult } from "../harness.ts"

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

interface Answer {
  readonly status: number
  readonly text: string
  readonly firstByteMs: number
}

const call = (job: Job): Promise<Answer> =>
  new Promise((done, fail) => {
    const started = performance.now()
    const outgoing = request(job.url, { method: "POST", agent, headers: job.headers }, (response) => {
      const parts: Array<Buffer> = []
      let firstByteMs = -1
      response.on("data", (bytes: Buffer) => {
        if (firstByteMs < 0) firstByteMs = performance.now() - started
        parts.push(bytes)
      })
      response.once("end", () =>
        done({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8"), firstByteMs })
      )
      response.once("error", fail)
    })
    outgoing.once("error", fail)
    outgoing.end(job.body)
  })

const contentOf = (job: Job, text: string): string => {
  if (job.answer === "message") {
    // the shape is what the check is about: anything else makes it fail
    const message = JSON.parse(text) as { readonly content: ReadonlyArray<{ readonly text: string }> }
    return message.content.map((block) => block.text).join("")
  }
  let content = ""
  for (const line of text.split("\n")) {
    if (!line.startsWith("data: {") || !line.includes("text_delta")) continue
    // the line was made by a gateway and is read only to compare the text
    content += (JSON.parse(line.slice(6)) as { readonly delta: { readonly text: string } }).delta.text
  }
  return content
}

const check = (job: Job, answer: Answer, fully: boolean): void => {
  const complete = job.answer !== "events" || answer.text.includes("event: message_stop")
  const right = answer.status === 200 && complete
  const same = !fully || job.expected === undefined || contentOf(job, answer.text) === job.expected
  if (right && same) return
  throw new Error(`wrong answer from ${job.url}: status ${answer.status}\n${answer.text.slice(0, 2_000)}`)
}

const pause = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms))

const work = async (job: Job): Promise<JobResult> => {
  const started = performance.now()
  const firstByteMs: Array<number> = []
  let left = job.count
  const one = async (): Promise<void> => {
    while (left > 0) {
      const fully = left === job.count
      left--
      const answer = await call(job)
      check(job, answer, fully)
      firstByteMs.push(answer.firstByteMs)
      if (job.pauseMs !== undefined) await pause(job.pauseMs)
    }
  }
  await Promise.all(Array.from({ length: Math.min(job.concurrency, job.count) }, one))
  return { ok: true, elapsedMs: performance.now() - started, firstByteMs }
}

process.on("message", (job: Job) => {
  work(job).then(
    (result) => process.send?.(result),
    (cause: unknown) => {
      const failed: JobResult = { ok: false, message: cause instanceof Error ? cause.message : String(cause) }
      process.send?.(failed)
    }
  )
})
process.once("disconnect", () => process.exit())
process.send?.("ready")
