/**
 * The `claudex` command. Nothing is loaded here that a command may not need: the version is answered at once, the
 * background gateway and the words for a shell do without the command-line parser, and everything else is in `cli/main.ts`.
 */
import { userInfo } from "node:os"
import { version } from "./domain/version.ts"
import { offersWord } from "./cli/completion/offersWord.ts"
import { gatewayWord } from "./daemon/gatewayWord.ts"
import { refusedWhy } from "./machine/refused.ts"

/** Services and containers often have no HOME, or an empty one: the system knows the user's all the same. */
const askHome = (): void => {
  try {
    process.env["HOME"] = userInfo().homedir
  } catch {
    // a user that the system does not know
  }
}

if (process.platform !== "win32" && process.env["HOME"]?.startsWith("/") !== true) askHome()

const argv = process.argv.slice(2)
const [first = ""] = argv

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // a reader that has seen enough (`claudex --help | head -1`) is no fault
  if (error.code === "EPIPE") process.exit(0)
  const why = refusedWhy({ message: error.message, description: error.message })
  process.stderr.write(`claudex: The output cannot be written: ${why}.\n`)
  process.exit(1)
})

/** A program that cannot be loaded fails, however this Node is told to take a rejection. */
const unloadable = (error: unknown): Promise<never> => {
  process.exitCode = 1
  return Promise.reject(error)
}

if (argv.length === 1 && (first === "--version" || first === "-V")) {
  process.stdout.write(`${version}\n`)
} else if (first === gatewayWord) {
  void import("./daemon/main.ts").then(({ main }) => main(argv[1] ?? ""), unloadable)
} else if (first === offersWord) {
  void import("./cli/completion/offers.ts").then(({ main }) => main(argv.slice(1)), unloadable)
} else {
  void import("./cli/main.ts").then(({ main }) => main(argv), unloadable)
}
