/**
 * The journal in files: one JSON record a line, in `requests.jsonl` of the user's state folder, private to the user, set
 * aside when it is long or a day old, and thrown away when there is too much of it or it is too old.
 *
 * A process that is killed may leave half a line: readers pass over it, and the next writer begins on a line of its own. A
 * disk that cannot be written costs records, never a request.
 */
import { type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import { Clock, Effect, Layer, Option } from "effect"
import { Paths } from "../config/Paths.ts"
import { recordsIn, type RequestRecord } from "../domain/RequestRecord.ts"
import { capacity, Journal, makeJournal } from "./Journal.ts"

/** How much is kept: bytes of all files together, and milliseconds. */
export interface Keep {
  readonly bytes: number
  readonly age: number
}

const day = 24 * 60 * 60 * 1000
/** Records of about so long are written together. */
const pause = "250 millis"
/** What is read at the start: from the end of each file, and from the beginning of the one that is written to. */
const tail = 2 * 1024 * 1024
const head = 512 * 1024
/** What waits to be written, on a disk that is slow; the oldest goes first. */
const mostPending = 4_096

const directory = Effect.map(Paths, ({ stateDir }) => stateDir)
const current = "requests.jsonl"
const aside = /^requests-(\d+)\.jsonl$/

/** The journal's files, oldest first, with their sizes and when they were last written to. */
const filesOf = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* directory
  const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), (): ReadonlyArray<string> => [])
  const old = names.filter((name) => aside.test(name)).toSorted()
  const wanted = names.includes(current) ? [...old, current] : old
  const found = yield* Effect.forEach(wanted, (name) => {
    const file = path.join(folder, name)
    return Effect.option(
      Effect.map(fs.stat(file), (info) => ({
        file,
        size: Number(info.size),
        written: Option.match(info.mtime, { onNone: () => 0, onSome: (time) => time.getTime() })
      }))
    )
  })
  return found.flatMap(Option.toArray)
})

const textFrom = (file: string, start: number, length: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const handle = yield* fs.open(file, { flag: "r" })
      yield* handle.seek(FileSystem.Size(start), "start")
      const bytes = new Uint8Array(length)
      const read = Number(yield* handle.read(bytes))
      return new TextDecoder().decode(bytes.subarray(0, read))
    })
  )

const lastBytes = (file: string, size: number, most = tail) =>
  textFrom(file, Math.max(0, size - most), Math.min(size, most))

/** The newest records of the files, oldest first, at most so many; without a gateway this is how they are read. */
export const readJournal = (limit: number) =>
  Effect.gen(function* () {
    const newest: Array<RequestRecord> = []
    for (const { file, size } of (yield* filesOf).toReversed()) {
      if (newest.length >= limit) break
      const text = yield* Effect.orElseSucceed(lastBytes(file, size), () => "")
      // from the end, and no line more than needed: reading one costs more than all else
      for (const line of text.split("\n").toReversed()) {
        if (newest.length >= limit) break
        // the first line of a part may be half of one: it is no record then
        newest.push(...recordsIn([line]))
      }
    }
    return newest.toReversed()
  })

/** All records of the files whose id begins so, oldest first. Only lines that may be one are decoded: there may be many. */
export const searchJournal = (id: string) =>
  Effect.gen(function* () {
    const wanted = `"id":${JSON.stringify(id).slice(0, -1)}`
    const found = yield* Effect.forEach(yield* filesOf, ({ file, size }) =>
      Effect.map(
        Effect.orElseSucceed(lastBytes(file, size, size), () => ""),
        (text) => recordsIn(text.split("\n").filter((line) => line.includes(wanted)))
      )
    )
    return found.flat().filter((record) => record.id.startsWith(id))
  })

/** Of what is kept, so much stands in the file that is written to. */
const share = 1 / 4

/** Throws away what is too old or too much, oldest first, and leaves room for the file that is written to. */
const prune = (keep: Keep) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const now = yield* Clock.currentTimeMillis
    const old = (yield* filesOf).filter(({ file }) => path.basename(file) !== current)
    let size = old.reduce((sum, file) => sum + file.size, 0)
    for (const { file, size: bytes, written } of old) {
      if (size <= keep.bytes * (1 - share) && now - written <= keep.age) continue
      size -= bytes
      yield* Effect.ignore(fs.remove(file))
    }
  })

/** A name behind those of all files that were set aside before, also where the clock was set back. */
const nextName = (now: number) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const numbers = (yield* filesOf).flatMap(({ file }) => aside.exec(path.basename(file))?.[1] ?? [])
    const last = Number(numbers.at(-1) ?? 0)
    return `requests-${String(Math.max(now, last + 1)).padStart(15, "0")}.jsonl`
  })

/** Writes records behind those that are there. */
type Write = (
  records: ReadonlyArray<string>
) => Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path | Paths>

/** The file is set aside when it holds its share of what is kept, or when its first record is a day old. */
const writer = (keep: Keep) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = yield* directory
    const file = path.join(folder, current)
    yield* fs.makeDirectory(folder, { recursive: true, mode: 0o700 })
    const before = yield* Effect.option(fs.stat(file))
    // a copied or restored file may have become readable for others
    if (Option.isSome(before) && before.value.type === "File") yield* Effect.ignore(fs.chmod(file, 0o600))
    let size = Option.match(before, { onNone: () => 0, onSome: (info) => Number(info.size) })
    const [first] = size === 0 ? [] : recordsIn((yield* textFrom(file, 0, Math.min(size, head))).split("\n"))
    let since = first?.time ?? (yield* Clock.currentTimeMillis)
    let isTorn = size > 0 && (yield* lastBytes(file, size, 1)) !== "\n"

    const setAside = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      if (size === 0 || (size < keep.bytes * share && now - since < day)) return
      yield* fs.rename(file, path.join(folder, yield* nextName(now)))
      size = 0
      since = now
      isTorn = false
      yield* prune(keep)
    })

    yield* prune(keep)
    const write: Write = (records) =>
      Effect.gen(function* () {
        yield* setAside
        const text = records.map((line) => `${line}\n`).join("")
        const bytes = new TextEncoder().encode(isTorn ? `\n${text}` : text)
        // until it is written as a whole, whatever is there may be half a line
        isTorn = true
        yield* fs.writeFile(file, bytes, { flag: "a", mode: 0o600 })
        isTorn = false
        size += bytes.length
      })
    return write
  })

const make = (keep: Keep) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<FileSystem.FileSystem | Path.Path | Paths>()
    const busy = yield* Effect.makeLatch(false)
    const turn = yield* Effect.makeSemaphore(1)
    let pending: Array<string> = []
    let isWarned = false
    let opened: Write | undefined

    const warn = (error: { readonly message: string }) =>
      Effect.suspend(() => {
        if (isWarned) return Effect.void
        isWarned = true
        return Effect.logWarning(`The journal cannot be written; its records are kept in memory only: ${error.message}`)
      })
    /** Tried again with every batch until it succeeds. */
    const open = Effect.suspend(() => (opened === undefined ? writer(keep) : Effect.succeed(opened))).pipe(
      Effect.tap((write) => Effect.sync(() => (opened = write)))
    )
    yield* Effect.catchAll(open, warn)
    const known = yield* readJournal(capacity)

    const write = Effect.suspend(() => {
      const lines = pending
      pending = []
      busy.unsafeClose()
      if (lines.length === 0) return Effect.void
      return Effect.catchAll(
        Effect.flatMap(open, (append) => append(lines)),
        (error) => {
          // whoever took the folder away may have made room again: looked at anew next time
          opened = undefined
          return warn(error)
        }
      )
    }).pipe(turn.withPermits(1), Effect.uninterruptible, Effect.provide(context))

    const journal = yield* makeJournal(known, (line) => {
      pending.push(line)
      if (pending.length > mostPending) pending.shift()
      busy.unsafeOpen()
    })
    // after the writing fiber ended
    yield* Effect.addFinalizer(() => write)
    yield* Effect.forkScoped(Effect.forever(Effect.zipRight(busy.whenOpen(Effect.sleep(pause)), write)))
    return { ...journal, flush: write }
  })

/** Writes until the scope closes, and what is left then. */
export const layer = (keep: Keep): Layer.Layer<Journal, never, FileSystem.FileSystem | Path.Path | Paths> =>
  Layer.scoped(Journal, make(keep))
