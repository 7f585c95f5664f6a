/** Preloaded into a gateway's process: answers "sample" over the IPC channel with what the process holds, garbage aside. */
import type { Sample } from "./engine.ts"

const collect = (): void => (globalThis as { readonly gc?: () => void }).gc?.() // cast: there with --expose-gc

process.on("message", (message) => {
  if (message !== "sample") return
  collect()
  collect()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  const sample: Sample = { rss: process.memoryUsage.rss(), heap: process.memoryUsage().heapUsed, handles }
  process.send?.(sample)
})
process.channel?.unref()
