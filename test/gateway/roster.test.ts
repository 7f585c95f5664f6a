import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { makeRoster } from "../../src/gateway/roster.ts"

setFlagsFromString("--expose-gc")
// what the flag adds to new contexts
const gc = runInNewContext("gc") as (options?: { readonly type: "minor" }) => void

const megabyte = 1024 * 1024

/** Megabytes that are still held after so many came and went, a megabyte each, and only young things were collected. */
const heldAfter = (add: (member: object) => () => void, count: number): number => {
  const leaving: Array<() => void> = []
  // what holds them is old, as in a process that has run for a while
  gc()
  gc()
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < count; i++) {
    leaving.push(add({ bytes: new ArrayBuffer(megabyte) }))
    if (leaving.length > 3) leaving.shift()?.()
    if (i % 8 === 0) gc({ type: "minor" })
  }
  for (const leave of leaving.splice(0)) leave()
  gc({ type: "minor" })
  gc({ type: "minor" })
  return (process.memoryUsage().arrayBuffers - before) / megabyte
}

describe("a roster", () => {
  it("lets go of who has left without a full collection, which a plain set does not", () => {
    const plain = new Set<object>()
    const inPlainSet = heldAfter((member) => {
      plain.add(member)
      return () => plain.delete(member)
    }, 200)
    const roster = makeRoster()
    expect(heldAfter(roster.add, 200)).toBeLessThan(20)
    expect(inPlainSet).toBeGreaterThan(60)
  })

  it("visits its members in the order they came, and lets those go who are not to stay", () => {
    const roster = makeRoster<{ readonly name: string }>()
    const met = (stays: (name: string) => boolean = () => true): ReadonlyArray<string> => {
      const names: Array<string> = []
      roster.visit(({ name }) => {
        names.push(name)
        return stays(name)
      })
      return names
    }
    const leave = ["a", "b", "c"].map((name) => roster.add({ name }))
    expect(met((name) => name !== "b")).toEqual(["a", "b", "c"])
    expect(met()).toEqual(["a", "c"])
    leave[0]?.()
    leave[0]?.()
    expect(met()).toEqual(["c"])
    expect(roster.size()).toBe(1)
  })

  it("meets nobody who leaves while others are visited", () => {
    const roster = makeRoster<{ readonly name: string }>()
    const met: Array<string> = []
    roster.add({ name: "a" })
    const leave = roster.add({ name: "b" })
    roster.visit(({ name }) => {
      met.push(name)
      leave()
      return true
    })
    expect(met).toEqual(["a"])
  })
})
