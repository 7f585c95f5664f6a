/** Preloaded into a gateway's process: answers "sample" over the IPC channel with what the process holds, garbage aside. */
import { readdirSync } from "node:fs"
import type { Sample } from "./engine.ts"

/** Where Effect keeps what its modules share, and in it the fibers that nobody waits for. */
interface Shared {
  readonly gc?: () => void
  readonly "effect/GlobalValue"?: ReadonlyMap<unknown, { readonly roots?: ReadonlySet<unknown> }>
}
const shared = globalThis as Shared // cast: gc is there with --expose-gc, the store once Effect is loaded

/** Undefined where the system does not tell. */
const openFiles = (): number | undefined => {
  try {
    return readdirSync("/proc/self/fd").length
  } catch {
    return undefined
  }
}

process.on("message", (message) => {
  if (message !== "sample") return
  shared.gc?.()
  shared.gc?.()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  const { arrayBuffers, external, heapUsed, rss } = process.memoryUsage()
  const sample: Sample = {
    rss,
    heap: heapUsed + external + arrayBuffers,
    handles,
    fibers: shared["effect/GlobalValue"]?.get(Symbol.for("effect/FiberScope/Global"))?.roots?.size ?? 0,
    files: openFiles()
  }
  process.send?.(sample)
})
process.channel?.unref()
