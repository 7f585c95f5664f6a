import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { version } from "../../src/domain/version.ts"
import { bin } from "../support/build.ts"
import { makeUser } from "../support/claudex.ts"

const done = (stdout: string) => ({ code: 0, signal: null, stdout, stderr: "" })

/** What a module loads before it runs, itself included, in bytes. */
const staticSize = async (file: string, seen = new Set<string>()): Promise<number> => {
  if (seen.has(file)) return 0
  seen.add(file)
  const code = await readFile(file, "utf8")
  const imports = [...code.matchAll(/(?:^|[;\n])import(?:[^"'();]*from)?["'](\.[^"']+)["']/g)].map(
    (match) => match[1] ?? ""
  )
  const sizes = await Promise.all(imports.map((path) => staticSize(join(dirname(file), path), seen)))
  return sizes.reduce((sum, size) => sum + size, (await stat(file)).size)
}

describe("claudex", () => {
  it("tells its version without loading anything for it", async () => {
    const user = await makeUser()
    for (const flag of ["--version", "-V"]) expect(await user.run([flag])).toEqual(done(`${version}\n`))
    const size = await staticSize(bin)
    expect(size).toBeGreaterThan(100)
    expect(size).toBeLessThan(10_000)
  })

  it("tells its version also where the parser has to find out that it was asked for", async () => {
    const user = await makeUser()
    expect(await user.run(["run", "--version"])).toEqual(done(`${version}\n`))
    expect(await user.run(["--config", "nowhere.toml", "-V"])).toEqual(done(`${version}\n`))
  })

  it("alone says what to type next, and makes no files", async () => {
    const user = await makeUser()
    const outcome = await user.run([])
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(outcome.stdout).toContain("claudex run demo")
    expect(await user.stateFiles()).toEqual([])
  })

  it("helps in plain text, with colours asked for or not", async () => {
    const user = await makeUser()
    for (const env of [{}, { FORCE_COLOR: "1" }, { NO_COLOR: "1" }]) {
      const outcome = await user.run(["run", "--help"], { env })
      expect(outcome).toMatchObject({ code: 0, stderr: "" })
      expect(outcome.stdout).toContain("Usage: claudex run [-m MODEL]")
      expect(outcome.stdout).not.toContain("\u001b")
    }
  })

  it("does not mind a reader that has seen enough", async () => {
    const user = await makeUser()
    const session = user.start(["--help"])
    session.child.stdout?.destroy()
    expect(await session.ended).toMatchObject({ code: 0, stderr: "" })
  })

  it.skipIf(!existsSync("/dev/full"))("fails with a word of it where its output cannot be written", async () => {
    const user = await makeUser()
    for (const words of [["profile", "list"], ["--version"]]) {
      const shell = ["-c", '"$@" >/dev/full', "sh", process.execPath, bin, ...words]
      const { status, stderr } = spawnSync("/bin/sh", shell, { env: user.env, encoding: "utf8" })
      expect([status, stderr]).toEqual([1, "claudex: The output cannot be written: no space left on device.\n"])
    }
  })

  const mistakes: ReadonlyArray<readonly [string, string]> = [
    ["rnu", 'claudex: "claudex" has no command "rnu". Did you mean "run"?\nNext: claudex run\n'],
    [
      "proxy start --prot 1",
      'claudex: "--prot" is not an option of "claudex proxy start". Did you mean "--port"?\nNext: claudex proxy start --help\n'
    ],
    ["proxy start -p x", "claudex: A port is a whole number from 0 to 65535.\nNext: claudex proxy start --help\n"],
    ["proxy start -p 65536", "claudex: A port is a whole number from 0 to 65535.\nNext: claudex proxy start --help\n"],
    ["run grok -m", 'claudex: "-m" needs a value (MODEL).\nNext: claudex run --help\n']
  ]
  for (const [line, stderr] of mistakes) {
    it(`ends with 2 and a suggestion for "claudex ${line}"`, async () => {
      const user = await makeUser()
      expect(await user.run(line.split(" "))).toEqual({ code: 2, signal: null, stdout: "", stderr })
    })
  }

  it("cannot have its messages rewritten by control characters in a name", async () => {
    const user = await makeUser()
    const outcome = await user.run(["run", "\u001b[2Jgrok\rclaudex: all is well"])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).not.toContain("\u001b")
    expect(outcome.stderr).not.toContain("\r")
  })

  it("says so when the working directory is gone", async () => {
    const user = await makeUser()
    const gone = join(user.root, "gone")
    await mkdir(gone)
    const script = 'rmdir "$PWD" && exec "$0" "$@"'
    const outcome = spawnSync("sh", ["-c", script, process.execPath, bin, "config", "path"], {
      cwd: gone,
      encoding: "utf8",
      env: { HOME: user.home, PATH: "/usr/bin:/bin" }
    })
    expect(outcome.stderr).toBe("claudex: The working directory does not exist any more.\nNext: cd ~\n")
    expect(outcome.status).toBe(1)
  })
})

describe("claudex config", () => {
  it("path lists every place, the strongest first, and marks the files in use", async () => {
    const user = await makeUser()
    const project = await user.write("work/.claudex/config.toml", "")
    const file = await user.write("extra.toml", "")
    const { stdout } = await user.run(["config", "path", "--config", file])
    const used = stdout.split("\n").filter((line) => line.startsWith("+"))
    expect(used).toEqual([
      `+ ${file} (explicit)`,
      `+ ${project} (project)`,
      `+ ${user.home}/.config/claudex/config.toml (global)`
    ])
    expect(stdout).toContain(`  ${user.work}/claudex.toml\n`)
  })

  it("takes CLAUDEX_CONFIG for --config", async () => {
    const user = await makeUser()
    const file = await user.write("extra.toml", "")
    const { stdout } = await user.run(["config", "path"], { env: { CLAUDEX_CONFIG: file } })
    expect(stdout).toContain(`+ ${file} (explicit)\n`)
  })

  it("validate says that all is well, or all that is not", async () => {
    const user = await makeUser()
    const fine = await user.run(["config", "validate"])
    expect(fine).toMatchObject({ code: 0, stderr: "" })
    expect(fine.stdout).toContain("profiles: demo")
    await user.write("work/claudex.toml", 'proxy_prot = 1\nlog_level = "loud"\n')
    const faulty = await user.run(["config", "validate"])
    expect(faulty).toMatchObject({ code: 2, stdout: "" })
    expect(faulty.stderr).toContain(`${user.work}/claudex.toml:1: proxy_prot`)
    expect(faulty.stderr).toContain(`${user.work}/claudex.toml:2: log_level`)
    expect(faulty.stderr).toContain("Next: claudex config edit")
  })

  it("fails with 2 when the file of --config does not exist", async () => {
    const user = await makeUser()
    const outcome = await user.run(["run", "demo", "--config", "nowhere.toml", "--version"])
    expect(outcome).toMatchObject({ code: 2, stdout: "" })
    expect(outcome.stderr).toContain("nowhere.toml")
  })

  it("trust shows what it agrees to, once, and again when that changes", async () => {
    const user = await makeUser()
    expect((await user.run(["config", "trust"])).stdout).toBe(
      "There is no project configuration here; nothing needs your consent.\n"
    )
    const file = await user.write("work/claudex.toml", 'log_level = "warn"\n')
    expect((await user.run(["config", "trust"])).stdout).toBe(`${file} decides nothing that needs your consent.\n`)
    await user.write("work/claudex.toml", '\nclaude_binary = "./one"\n')
    expect((await user.run(["config", "trust"])).stdout).toBe(
      `You agree to ${file}. From now on it decides:\n  line 2: claude_binary\n`
    )
    expect((await user.run(["config", "trust"])).stdout).toContain("You have agreed")
    await user.write("work/claudex.toml", '\nclaude_binary = "./two"\n')
    expect((await user.run(["config", "validate"])).code).toBe(2)
    expect((await user.run(["config", "trust"])).stdout).toContain("From now on")
    expect((await user.run(["config", "validate"])).code).toBe(0)
  })
})
