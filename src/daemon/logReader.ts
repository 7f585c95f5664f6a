/** Reading the log back: the pieces that were set aside and the file being written as one text, and what comes after. */
import { FileSystem, Path } from "@effect/platform"
import { Effect, Option } from "effect"
import { type Piece, piecesOf } from "./logPieces.ts"

type Disk = FileSystem.FileSystem | Path.Path

/** The bytes of a file from `offset` to its end; none when it is not there. */
const bytesFrom = (file: string, offset: number): Effect.Effect<Uint8Array, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const handle = yield* fs.open(file, { flag: "r" })
    const length = Number((yield* handle.stat).size) - offset
    if (length <= 0) return new Uint8Array()
    yield* handle.seek(FileSystem.Size(offset), "start")
    return Option.getOrElse(yield* handle.readAlloc(FileSystem.Size(length)), () => new Uint8Array())
  }).pipe(
    Effect.scoped,
    Effect.orElseSucceed(() => new Uint8Array())
  )

const sizeOf = (file: string): Effect.Effect<number, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.stat(file)).pipe(
    Effect.map(({ size }) => Number(size)),
    Effect.orElseSucceed(() => 0)
  )

const headLength = 256

/** Whether the file still begins as the piece does: it was copied aside and is about to be emptied. */
const isTwin = (piece: string, file: string) =>
  Effect.gen(function* () {
    const [size, copied] = [yield* sizeOf(file), yield* sizeOf(piece)]
    if (copied === 0 || size < copied) return false
    const head = (yield* bytesFrom(piece, 0)).subarray(0, headLength)
    const other = (yield* bytesFrom(file, 0)).subarray(0, head.length)
    return head.every((byte, index) => byte === other[index])
  })

const piecesBeside = (file: string): Effect.Effect<ReadonlyArray<Piece>, never, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const names = yield* Effect.orElseSucceed(fs.readDirectory(path.dirname(file)), () => [])
    return piecesOf(path.basename(file), names).map(({ name, time }) => ({
      name: path.join(path.dirname(file), name),
      time
    }))
  })

/** Up to where somebody has read. */
export interface Place {
  /** When the newest piece that was read was set aside. */
  readonly time: number
  /** Bytes of the file being written. */
  readonly offset: number
}

export interface Reading {
  readonly lines: ReadonlyArray<string>
  readonly place: Place
}

const linesOf = (bytes: Uint8Array): ReadonlyArray<string> => new TextDecoder().decode(bytes).split("\n").slice(0, -1)

/** Only up to the last line break: the rest of the line is still being written. */
const whole = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.lastIndexOf(10) + 1)

/** Whether there is anything to read at all. */
export const hasLog = (file: string): Effect.Effect<boolean, never, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (yield* Effect.orElseSucceed(fs.exists(file), () => false)) return true
    return (yield* piecesBeside(file)).length > 0
  })

/** The pieces whose lines are not in the file being written any more: the newest is both for a moment. */
const pastPieces = (file: string): Effect.Effect<ReadonlyArray<Piece>, never, Disk> =>
  Effect.gen(function* () {
    const pieces = yield* piecesBeside(file)
    const newest = pieces.at(-1)
    return newest !== undefined && (yield* isTwin(newest.name, file)) ? pieces.slice(0, -1) : pieces
  })

/** All that was written after the place; undefined when the files changed meanwhile. */
const after = (file: string, { offset, time }: Place): Effect.Effect<Reading | undefined, never, Disk> =>
  Effect.gen(function* () {
    const pieces = yield* pastPieces(file)
    const fresh = pieces.filter((piece) => piece.time > time)
    const newest = fresh.at(-1)
    const parts: Array<Uint8Array> = []
    for (const [index, { name }] of fresh.entries()) parts.push(yield* bytesFrom(name, index === 0 ? offset : 0))
    // emptied by somebody else's hand: from the beginning
    const from = newest !== undefined || (yield* sizeOf(file)) < offset ? 0 : offset
    const written = whole(yield* bytesFrom(file, from))
    if ((yield* pastPieces(file)).at(-1)?.time !== pieces.at(-1)?.time) return undefined
    return {
      lines: [...parts, written].flatMap(linesOf),
      place: { time: newest?.time ?? time, offset: from + written.length }
    }
  })

const settled = (file: string, place: Place): Effect.Effect<Reading, never, Disk> =>
  Effect.flatMap(after(file, place), (reading) =>
    reading === undefined ? settled(file, place) : Effect.succeed(reading)
  )

/** The last `count` lines that are wanted, and the place behind them. */
export const lastLines = (
  file: string,
  count: number,
  isWanted: (line: string) => boolean
): Effect.Effect<Reading, never, Disk> =>
  Effect.map(settled(file, { time: -1, offset: 0 }), ({ lines, place }) => ({
    lines: count === 0 ? [] : lines.filter(isWanted).slice(-count),
    place
  }))

/** Hands over what is written from the place on, as it comes, for ever. */
export const followLines = <E, R>(
  file: string,
  place: Place,
  isWanted: (line: string) => boolean,
  tell: (lines: ReadonlyArray<string>) => Effect.Effect<void, E, R>
): Effect.Effect<never, E, Disk | R> =>
  Effect.flatMap(settled(file, place), (reading) => {
    const lines = reading.lines.filter(isWanted)
    return Effect.zipRight(
      lines.length === 0 ? Effect.void : tell(lines),
      Effect.as(Effect.sleep("200 millis"), reading.place)
    )
  }).pipe(Effect.flatMap((next) => followLines(file, next, isWanted, tell)))
