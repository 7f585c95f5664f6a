import { describe, expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"
import { makeMoments } from "../support/moments.ts"

const file = "home/.config/claudex/config.toml"

const text = `# my settings
proxy_port = 0  # any
default_profile = "grok"

# the first
[[profiles]]
name = "grok" # by its nickname
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key_env = "XAI_API_KEY"
default_model = "grok-4"

[[profiles]]
name = "local"
base_url = "http://127.0.0.1:11434/v1"
default_model = "m"
backup_providers = ["grok"] # when it is slow
# the end
`

const rounds = 20

describe("a change in several places of the configuration", { timeout: 240_000 }, () => {
  it.each([
    "profile edit grok --model grok-5 --haiku grok-5-mini --type OpenAIResponses",
    "profile remove grok --force"
  ])("is made whole or not at all by claudex %s, killed at any moment", async (line) => {
    const { oldDrafts, read, run, start, stateFiles, write } = await makeUser()
    const words = line.split(" ")
    await write(file, text)
    // how long it takes here
    const begun = performance.now()
    expect(await run(words)).toMatchObject({ code: 0, stderr: "" })
    const moments = makeMoments(words.length, performance.now() - begun)
    const changed = await read(file)
    expect(changed).not.toBe(text)
    const seen = { old: 0, changed: 0 }
    for (let round = 0; round < rounds; round += 1) {
      await write(file, text)
      const { child, ended } = start(words)
      const timer = setTimeout(() => child.kill("SIGKILL"), moments.next())
      await ended
      clearTimeout(timer)
      const now = await read(file)
      expect([text, changed]).toContain(now)
      seen[now === text ? "old" : "changed"] += 1
      moments.learn(now === text)
    }
    expect(Math.min(seen.old, seen.changed)).toBeGreaterThan(2)
    await write(file, text)
    await oldDrafts()
    expect(await run(words)).toMatchObject({ code: 0, stderr: "" })
    expect(await read(file)).toBe(changed)
    // drafts of those that were killed while they wrote one are gone
    expect([await oldDrafts(), await stateFiles()]).toEqual([[], []])
  })
})
