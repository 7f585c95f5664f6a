/** The files of the log by their names: the one that is written, and those that were set aside. Pure. */

/** Beside the log: `gateway.log.20260131T235959.999Z`, by the time at which it was set aside (UTC). */
const aside = /^\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3})Z$/

/** What versions before 0.4 set aside. */
const old = ".old"

/** The name of what is set aside at that time (epoch ms); names sort by time. */
export const pieceName = (log: string, time: number): string =>
  `${log}.${new Date(time).toISOString().replace(/[-:]/g, "")}`

/** When the file of this name was set aside, epoch ms: 0 for one that does not tell, undefined for no piece of the log. */
export const setAsideAt = (log: string, name: string): number | undefined => {
  if (!name.startsWith(log)) return undefined
  const rest = name.slice(log.length)
  if (rest === old) return 0
  const parts = aside.exec(rest)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
}

export interface Piece {
  readonly name: string
  readonly time: number
}

/** Of all names in a folder those that are set-aside pieces of the log, the oldest first. */
export const piecesOf = (log: string, names: ReadonlyArray<string>): ReadonlyArray<Piece> =>
  names
    .flatMap((name) => {
      const time = setAsideAt(log, name)
      return time === undefined ? [] : [{ name, time }]
    })
    .sort((one, other) => one.time - other.time)

/** The time at which a line was written, epoch ms; undefined for what is no line of the logger's. */
export const timeOf = (line: string): number | undefined => {
  const time = Date.parse(/^timestamp=(\S+)/.exec(line)?.[1] ?? "")
  return Number.isNaN(time) ? undefined : time
}
