/**
 * Preloaded into the processes under test: answers "sample" over the IPC channel with what the process has used so far.
 * The channel does not keep the process alive.
 */
import type { Sample } from "../harness.ts"

process.on("message", (message) => {
  if (message !== "sample") return
  const { user, system } = process.cpuUsage()
  const sample: Sample = {
    cpuMicros: user + system,
    rssBytes: process.memoryUsage.rss(),
    peakRssBytes: process.resourceUsage().maxRSS * 1024
  }
  process.send?.(sample)
})
process.channel?.unref()
