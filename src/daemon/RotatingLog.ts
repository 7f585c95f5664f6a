/**
 * The log file of the background gateway, bounded in size and age while it is written.
 *
 * The file stays the same one for the process's whole life, because it is also the process's stderr, where a crash leaves its
 * last words: what is full is copied aside and then emptied. Writing and rotating are synchronous, so that no line can come
 * between the copy and the emptying. Rotation fails quietly (a full disk) and is tried again later.
 *
 * Where somebody else removes, moves or replaces the file, lines go on in a new one in its place. What stderr is stays as it
 * was: only a crash still writes there.
 */
import {
  chmodSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  closeSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { pieceName, piecesOf, timeOf } from "./logPieces.ts"

/** Of all files of the log together. */
export interface LogBounds {
  readonly bytes: number
  readonly milliseconds: number
}

export interface RotatingLog {
  /** Writes lines, which bring their line breaks along. */
  readonly write: (lines: string) => void
  /**
   * Sets aside what is full or old, and removes what is too much. Cheap when there is nothing to do. True when the file was
   * not in its place any more since the last time, and another one was opened there.
   */
  readonly tidy: () => boolean
  /** Nothing is rotated before this was called: only one process may, and it must know that it is the one. */
  readonly bound: (bounds: LogBounds) => void
}

const megabyte = 1_000_000
/** Between looks at what was set aside, and after a failure. */
const pause = 60_000
const day = 24 * 60 * 60 * 1000

/** As in the `[log]` table of the configuration. */
export const boundsOf = (settings: { readonly size: number; readonly days: number }): LogBounds => ({
  bytes: settings.size * megabyte,
  milliseconds: settings.days * day
})

/** The file being written is a quarter of all at most, and covers a quarter of the time and a day at most. */
const shareOf = ({ bytes, milliseconds }: LogBounds): LogBounds => ({
  bytes: bytes / 4,
  milliseconds: Math.min(day, milliseconds / 4)
})

const attempt = <A>(act: () => A, otherwise: A): A => {
  try {
    return act()
  } catch {
    return otherwise
  }
}

const headOf = (file: string, length: number): Buffer => {
  const handle = openSync(file, "r")
  try {
    const head = Buffer.alloc(length)
    return head.subarray(0, readSync(handle, head, 0, length, 0))
  } finally {
    closeSync(handle)
  }
}

/** Enough to tell two files apart: their first line holds its time. */
const headLength = 256

/**
 * The log at `file`, which `handle` is open on for appending. `put` writes to it, synchronously; `now` in epoch ms.
 * Where the handle is another file or none (someone started the process by hand), nothing is ever rotated.
 */
export const rotatingLog = (options: {
  readonly file: string
  readonly handle: number
  readonly put: (line: string) => void
  readonly now: () => number
}): RotatingLog => {
  const { file, handle, now, put } = options
  const folder = dirname(file)
  let bounds: LogBounds | undefined
  /** About; the file is asked before something follows from it. */
  let size = 0
  /** When the first line was written, epoch ms. */
  let begun: number | undefined
  let failedAt: number | undefined
  /** Opened here, in the place of a file that is gone. */
  let own: number | undefined
  let hasMoved = false

  const current = () => own ?? handle

  /** Whether what is written to is the file in its place. */
  const isInPlace = (): boolean => {
    const [open, named] = [fstatSync(current()), statSync(file, { throwIfNoEntry: false })]
    return named !== undefined && open.isFile() && open.ino === named.ino && open.dev === named.dev
  }

  const isOurs = attempt(isInPlace, false)

  const pieces = () => piecesOf(basename(file), readdirSync(folder))

  const setAside = (): void => {
    // a name of its own, whatever the clock says
    const time = Math.max(now(), (pieces().at(-1)?.time ?? 0) + 1)
    const target = join(folder, pieceName(basename(file), time))
    const draft = join(folder, `.${basename(target)}.tmp`)
    try {
      copyFileSync(file, draft)
      chmodSync(draft, 0o600)
      renameSync(draft, target)
      ftruncateSync(current(), 0)
      size = 0
      begun = undefined
    } finally {
      rmSync(draft, { force: true })
    }
  }

  /** A process that was killed between naming the copy and emptying the file leaves the same lines twice. */
  const removeTwin = (): void => {
    const newest = pieces().at(-1)
    if (newest === undefined) return
    const twin = join(folder, newest.name)
    const head = headOf(twin, headLength)
    if (statSync(twin).size <= fstatSync(current()).size && head.equals(headOf(file, head.length))) rmSync(twin)
  }

  const removeOld = ({ bytes, milliseconds }: LogBounds, share: LogBounds): void => {
    let total = share.bytes
    for (const { name, time } of pieces().toReversed()) {
      const path = join(folder, name)
      const info = statSync(path)
      total += info.size
      const age = now() - (time === 0 ? info.mtimeMs : time)
      if (total > bytes || age >= milliseconds - share.milliseconds) rmSync(path, { force: true })
    }
    for (const name of readdirSync(folder)) {
      if (name.startsWith(`.${basename(file)}.`) && name.endsWith(".tmp")) rmSync(join(folder, name), { force: true })
    }
  }

  const takeOver = (): void => {
    chmodSync(file, 0o600)
    chmodSync(folder, 0o700)
    size = fstatSync(current()).size
    begun = timeOf(headOf(file, headLength).toString("utf8"))
    removeTwin()
  }

  /** To open what is no file, such as a pipe, could take for ever. */
  const isFree = (): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? true

  /** Whether what is written to is the file in its place from now on. */
  const stayInPlace = (): boolean => {
    if (isInPlace()) return true
    if (!isFree()) return false
    const next = openSync(file, "a", 0o600)
    if (own !== undefined) closeSync(own)
    own = next
    hasMoved = true
    takeOver()
    return true
  }

  const isDue = (share: LogBounds): boolean =>
    size >= share.bytes || (begun !== undefined && now() - begun >= share.milliseconds)

  const rotate = (limits: LogBounds, share: LogBounds): void => {
    const inPlace = stayInPlace()
    size = fstatSync(current()).size
    if (inPlace && size > 0 && isDue(share)) setAside()
    removeOld(limits, share)
  }

  const tidy = (always: boolean): void => {
    if (bounds === undefined) return
    const limits = bounds
    const share = shareOf(limits)
    if (!always && !isDue(share)) return
    // after a failure not at every line
    if (failedAt !== undefined && now() - failedAt < pause) return
    failedAt = attempt<number | undefined>(() => {
      rotate(limits, share)
      return undefined
    }, now())
  }

  let tidied = now()
  return {
    write: (line) => {
      tidy(false)
      if (own === undefined) put(line)
      else attempt(() => writeSync(current(), line), 0)
      begun ??= now()
      size += line.length
    },
    tidy: () => {
      if (bounds !== undefined) attempt(stayInPlace, false)
      // pieces grow old also while nothing is written
      const always = now() - tidied >= pause
      if (always) tidied = now()
      tidy(always)
      const moved = hasMoved
      hasMoved = false
      return moved
    },
    bound: (next) => {
      if (!isOurs || (next.bytes === bounds?.bytes && next.milliseconds === bounds.milliseconds)) return
      if (bounds === undefined) attempt(takeOver, undefined)
      bounds = next
      tidy(true)
    }
  }
}
