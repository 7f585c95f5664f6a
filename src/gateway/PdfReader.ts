/**
 * The text in the PDFs of a conversation, for providers that take no files (wire specification §4.2.2). Read with the
 * engine of Firefox, which is loaded when the first such document comes. What was read is kept for a while: the client
 * sends the whole history with every turn, and the words must stay the same for the provider's prompt cache.
 *
 * A document that cannot be read, holds no text or takes too long stays as it is; its encoder says so in its place.
 */
import { Effect } from "effect"
import type { Conversation, DocumentPart, Message, ToolResult, UserPart } from "../protocol/conversation.ts"

export interface PdfReader {
  /** The conversation with the text of its PDFs beside them; the same object when it holds none. Never fails. */
  readonly read: (conversation: Conversation) => Effect.Effect<Conversation>
}

/** `pages` of one document, `patience` for all of it, `kept` characters of text and of names in memory. */
const limits = { pages: 300, patience: "30 seconds", kept: 16 * 1024 * 1024 } as const

const isPdf = (part: UserPart): part is DocumentPart & { readonly source: { readonly type: "base64" } } =>
  part.type === "document" && part.source.type === "base64" && part.source.mediaType === "application/pdf"

const pdfsIn = (conversation: Conversation): ReadonlyArray<string> =>
  conversation.messages.flatMap((message) => {
    if (message.role !== "user") return []
    const parts = [...message.parts, ...message.results.flatMap((result) => result.parts)]
    return parts.flatMap((part) => (isPdf(part) ? [part.source.data] : []))
  })

const withTexts = (conversation: Conversation, texts: ReadonlyMap<string, string>): Conversation => {
  const part = (given: UserPart): UserPart => {
    if (!isPdf(given)) return given
    const text = texts.get(given.source.data)
    return text === undefined ? given : { ...given, source: { ...given.source, text } }
  }
  const result = (given: ToolResult): ToolResult => ({ ...given, parts: given.parts.map(part) })
  const message = (given: Message): Message =>
    given.role === "user" ? { ...given, results: given.results.map(result), parts: given.parts.map(part) } : given
  return { ...conversation, messages: conversation.messages.map(message) }
}

/** A loop: `Uint8Array.from` walks a string twenty times as slowly, seconds for a large document. */
const bytesOf = (base64: string): Uint8Array => {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

/** The engine's own waiting never leaves the current turn of the event loop: without this nothing else would go on. */
const breath = (): Promise<void> => new Promise((resume) => setTimeout(resume, 0))

type Engine = typeof import("unpdf")

const pageText = async (document: Awaited<ReturnType<Engine["getDocumentProxy"]>>, number: number): Promise<string> => {
  const page = await document.getPage(number)
  const { items } = await page.getTextContent()
  page.cleanup()
  return items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("")
}

/** The pages' texts, each behind its mark; undefined when there is not a word in them. */
const textOf = async (base64: string, signal: AbortSignal): Promise<string | undefined> => {
  const { getDocumentProxy } = await import("unpdf")
  const document = await getDocumentProxy(bytesOf(base64), { verbosity: 0 })
  try {
    const shown = Math.min(document.numPages, limits.pages)
    const pages: Array<string> = []
    for (let number = 1; number <= shown && !signal.aborted; number++) {
      pages.push(await pageText(document, number))
      await breath()
    }
    if (signal.aborted || pages.every((page) => page.trim() === "")) return undefined
    const rest = shown < document.numPages ? [`[pages ${shown + 1} to ${document.numPages} are left out]`] : []
    return [...pages.map((page, index) => `[page ${index + 1}]\n${page.trim()}`), ...rest].join("\n\n")
  } finally {
    await document.destroy()
  }
}

const extracted = (base64: string): Effect.Effect<string | undefined> =>
  Effect.tryPromise((signal) => textOf(base64, signal)).pipe(
    Effect.timeout(limits.patience),
    Effect.orElseSucceed(() => undefined)
  )

export const makePdfReader = (): PdfReader => {
  /** By the document's own base64, in order of use; one that holds no text is remembered too. */
  const known = new Map<string, string | undefined>()
  let kept = 0

  const remember = (base64: string, text: string | undefined) => {
    known.set(base64, text)
    kept += base64.length + (text ?? "").length
    for (const [oldest, old] of known) {
      if (kept <= limits.kept || known.size === 1) return
      known.delete(oldest)
      kept -= oldest.length + (old ?? "").length
    }
  }

  const recall = (base64: string): string | undefined => {
    const text = known.get(base64)
    known.delete(base64)
    known.set(base64, text)
    return text
  }

  // one at a time: reading keeps the processor busy, and the same document comes from several agents at once
  const turn = Effect.unsafeMakeSemaphore(1).withPermits(1)

  const textFor = (base64: string): Effect.Effect<string | undefined> => {
    const knownOr = (other: Effect.Effect<string | undefined>) =>
      Effect.suspend(() => (known.has(base64) ? Effect.succeed(recall(base64)) : other))
    const read = Effect.tap(extracted(base64), (text) => Effect.sync(() => remember(base64, text)))
    return knownOr(turn(knownOr(read)))
  }

  return {
    read: (conversation) => {
      const pdfs = [...new Set(pdfsIn(conversation))]
      if (pdfs.length === 0) return Effect.succeed(conversation)
      return Effect.map(Effect.forEach(pdfs, textFor), (texts) => {
        const found = pdfs.flatMap((base64, index) => {
          const text = texts[index]
          return text === undefined ? [] : [[base64, text] as const]
        })
        return found.length === 0 ? conversation : withTexts(conversation, new Map(found))
      })
    }
  }
}
