/**
 * The project's own lint rules, loaded by oxlint (`jsPlugins` in .oxlintrc.json).
 *
 * `layers` is the architecture as data: which folder of src/ may import which. A new folder needs a row here, so that its
 * place in the picture is a decision and not an accident.
 */
import { isBuiltin } from "node:module"
import { dirname, join, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src")

/** What stands below a folder: it may import these, and itself. */
const layers = {
  domain: [],
  protocol: ["domain"],
  provider: ["domain", "protocol"],
  machine: [],
  config: ["domain", "protocol", "provider", "machine"],
  telemetry: ["domain"],
  credentials: ["domain", "provider", "config", "machine", "telemetry"],
  upstream: ["domain", "protocol", "provider", "credentials", "telemetry"],
  resilience: ["domain", "protocol", "provider", "upstream", "config", "telemetry"],
  routing: ["domain", "protocol", "provider", "upstream", "resilience", "config", "telemetry"],
  context: ["domain", "protocol", "provider", "upstream", "resilience", "config", "telemetry"],
  gateway: [
    "domain",
    "protocol",
    "provider",
    "upstream",
    "resilience",
    "routing",
    "context",
    "config",
    "credentials",
    "telemetry"
  ],
  daemon: ["domain", "config", "credentials", "gateway", "machine", "telemetry"],
  launcher: ["domain", "provider", "config", "credentials", "gateway", "daemon", "telemetry"],
  update: ["domain", "config", "telemetry"]
}
/** These stand on top of everything; nothing below imports them. */
const tops = ["cli", "tui", "testing", "public"]

/** Run anywhere, a browser included. */
const pure = ["domain", "protocol"]
/** What library users import; they re-export everything but the command's own. */
const libraryEntries = ["index.ts", "node.ts"]
/** What the command begins with. */
const programs = ["bin.ts", "loader.ts"]
/** Where Node is at home, besides `*.node.ts`. */
const edges = [...programs, "cli", "launcher", "daemon"]

/** The folder of src/ that a file is in, or its name when it stands at the top of src/. */
const placeOf = (path) => relative(src, path).split(sep)[0]

const isKnown = (place) =>
  place in layers || tops.includes(place) || programs.includes(place) || libraryEntries.includes(place)

const mayImport = (from, to) => {
  const isEntry = from === "index.ts" || from === "node.ts"
  if (from === to || programs.includes(from) || isEntry) return !isEntry || !["cli", "tui"].includes(to)
  if (tops.includes(from)) return to in layers
  return layers[from].includes(to)
}

/** Calls `check(specifier, node)` for every import, re-export and dynamic import of a literal. */
const eachImport = (check) => {
  const visit = (node) => {
    if (typeof node.source?.value === "string") check(node.source.value, node)
  }
  return {
    ImportDeclaration: visit,
    ExportNamedDeclaration: visit,
    ExportAllDeclaration: visit,
    ImportExpression: visit,
    TSImportType: visit
  }
}

const importDirection = {
  create: (context) => {
    const from = placeOf(context.filename)
    return eachImport((specifier, node) => {
      if (!specifier.startsWith(".")) return
      const to = placeOf(resolve(dirname(context.filename), specifier))
      const stranger = [from, to].find((place) => !isKnown(place))
      if (stranger !== undefined) {
        context.report({ node, message: `src/${stranger} has no row in the layer table of scripts/lint.mjs` })
      } else if (!mayImport(from, to)) {
        context.report({ node, message: `src/${from} must not import src/${to}: arrows point down only` })
      }
    })
  }
}

const platformAtTheEdge = {
  create: (context) => {
    const place = placeOf(context.filename)
    const atEdge = edges.includes(place) || context.filename.endsWith(".node.ts")
    return eachImport((specifier, node) => {
      const isNode = isBuiltin(specifier) || /^@effect\/(platform-node|cli)/.test(specifier)
      if (pure.includes(place) && (isNode || specifier.startsWith("@effect/"))) {
        context.report({ node, message: `src/${place} is pure and must run anywhere, it cannot import ${specifier}` })
      } else if (isNode && !atEdge) {
        const message = `${specifier} belongs into bin, cli, launcher, daemon or a *.node.ts file`
        context.report({ node, message })
      }
    })
  }
}

const publicEntry = {
  create: (context) =>
    eachImport((specifier, node) => {
      if (!/(^|\/)(src|dist)\//.test(specifier)) return
      context.report({ node, message: `an example imports what a user can: "claudex", not ${specifier}` })
    })
}

const isCast = (node) => node?.type === "TSAsExpression" || node?.type === "TSTypeAssertion"
const isConst = (node) => node.typeAnnotation.typeName?.name === "const"

const noDoubleCast = {
  create: (context) => {
    const visit = (node) => {
      if (!isCast(node.expression) || isConst(node.expression)) return
      context.report({ node, message: "a cast of a cast proves nothing: decode the value or narrow its type" })
    }
    return { TSAsExpression: visit, TSTypeAssertion: visit }
  }
}

const castWithReason = {
  create: (context) => {
    const visit = (node) => {
      if (isConst(node)) return
      const first = node.loc.start.line
      const last = node.loc.end.line
      const explained = context.sourceCode
        .getAllComments()
        .some((comment) => comment.loc.end.line >= first - 1 && comment.loc.start.line <= last)
      if (!explained) context.report({ node, message: "a cast needs its reason in a comment on this line or above" })
    }
    return { TSAsExpression: visit, TSTypeAssertion: visit }
  }
}

const noThrow = {
  create: (context) => ({
    ThrowStatement: (node) => context.report({ node, message: "failures are values here: Effect.fail or Either.left" })
  })
}

/** `it.skip`, `describe.only`, `it.effect.todo`: all of them hide a test; `skipIf` and `runIf` say why and stay legal. */
const noHiddenTest = {
  create: (context) => ({
    MemberExpression: (node) => {
      if (!["skip", "only", "todo", "fails"].includes(node.property.name)) return
      let base = node.object
      while (base.type === "MemberExpression") base = base.object
      if (!["it", "test", "describe"].includes(base.name)) return
      context.report({ node, message: "a hidden test protects nothing: run it, or remove it" })
    }
  })
}

export default {
  meta: { name: "claudex" },
  rules: {
    "import-direction": importDirection,
    "platform-at-the-edge": platformAtTheEdge,
    "public-entry": publicEntry,
    "no-double-cast": noDoubleCast,
    "cast-with-reason": castWithReason,
    "no-throw": noThrow,
    "no-hidden-test": noHiddenTest
  }
}
