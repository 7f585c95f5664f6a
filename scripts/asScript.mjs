/**
 * Makes a script of an ES module that a bundler wrote: the source of a function that `src/loader.ts` runs.
 *
 * A bundled module imports at its top, exports in one list, and loads other scripts of the bundle by `./name`; anything
 * else is refused. What one script takes of another becomes a constant, as fast to read as an import. That is the same
 * thing as an import as long as no export is assigned anew and no script needs itself: both are checked.
 */
import { parseAst } from "rolldown/parseAst"

/**
 * What `src/loader.ts` hands to a script, in this order. Not by the names that Node has for such things in CommonJS:
 * libraries look for those to learn where they run.
 */
const given = ["__need", "__later", "__outside", "__node", "__exports", "__meta"]

const isOfBundle = (id) => id.startsWith("./")

const isMeta = ({ meta, type }) => type === "MetaProperty" && meta.name === "import"

/** Every node below, in the order of the source. */
const nodesOf = (node, found = []) => {
  if (Array.isArray(node)) {
    for (const child of node) nodesOf(child, found)
  } else if (node !== null && typeof node === "object") {
    if (typeof node.type === "string") found.push(node)
    for (const child of Object.values(node)) nodesOf(child, found)
  }
  return found
}

/** The text of an identifier or of a constant string, however it is quoted. */
const textOf = (node) =>
  node.type === "Identifier"
    ? node.name
    : node.type === "TemplateLiteral" && node.expressions.length === 0
      ? node.quasis[0].value.cooked
      : node.value

const imported = ({ source, specifiers }) => {
  const id = textOf(source)
  const value = `${isOfBundle(id) ? "__need" : "__node"}(${JSON.stringify(id)})`
  const names = []
  let code = specifiers.length === 0 ? `${value};` : ""
  for (const { imported: name, local, type } of specifiers) {
    const wanted = type === "ImportDefaultSpecifier" ? "default" : name === undefined ? undefined : textOf(name)
    // the default export of a module of Node is the module
    if (wanted === undefined || (wanted === "default" && !isOfBundle(id))) code += `const ${local.name} = ${value};`
    else names.push(`${JSON.stringify(wanted)}: ${local.name}`)
  }
  return names.length === 0 ? code : `${code}const { ${names.join(", ")} } = ${value};`
}

const exported = ({ specifiers }) =>
  specifiers.map(({ local, exported: name }) => `__exports[${JSON.stringify(textOf(name))}] = ${local.name};`).join("")

const isFunction = ({ type }) =>
  type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression"

/** The names that a pattern binds. */
const boundBy = (pattern) => {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name]
    case "AssignmentPattern":
      return boundBy(pattern.left)
    case "RestElement":
      return boundBy(pattern.argument)
    case "ArrayPattern":
      return pattern.elements.flatMap(boundBy)
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => boundBy(property.value ?? property))
    default:
      return []
  }
}

/** The names of a module that may be assigned anew: all that it declares, save constants. A `var` counts wherever it stands. */
const variables = (node) => {
  if (Array.isArray(node)) return node.flatMap(variables)
  if (node === null || typeof node !== "object") return []
  if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") return boundBy(node.id)
  if (isFunction(node)) return []
  const own = node.type === "VariableDeclaration" && node.kind !== "const" ? node.declarations : []
  return [...own.flatMap(({ id }) => boundBy(id)), ...Object.values(node).flatMap(variables)]
}

/** The names that a node assigns: `a = 1`, `a++`, `[a] = b`, `for (a of b)`. */
const assigned = ({ argument, left, type }) => {
  const isLoop = type === "ForOfStatement" || type === "ForInStatement"
  const target = isLoop || type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : undefined
  if (target === undefined || target.type === "MemberExpression" || target.type === "VariableDeclaration") return []
  return nodesOf(target).flatMap((node) => (node.type === "Identifier" ? [node.name] : []))
}

/**
 * The exports that are assigned other than where they are declared. Names that inner functions declare again are not told
 * apart: what is refused for that has only to be renamed.
 */
const reassigned = (body, nodes) => {
  const free = new Set(variables(body))
  const names = body.flatMap(({ type, specifiers }) =>
    type === "ExportNamedDeclaration" ? specifiers.map(({ local }) => local.name) : []
  )
  const watched = new Set(names.filter((name) => free.has(name)))
  return nodes.flatMap(assigned).filter((name) => watched.has(name))
}

/** The body of the script: what stands in for the imports, the module's own code, the exports. */
export const scriptBody = (code, name) => {
  const { body } = parseAst(code)
  const refuse = (what) => {
    throw new Error(`${name} cannot be a script: ${what}`)
  }
  const taken = given.find((word) => new RegExp(`\\b${word}\\b`).test(code))
  if (taken !== undefined) refuse(`it has a use of its own for the name ${taken}`)
  const nodes = nodesOf(body)
  const [changed] = reassigned(body, nodes)
  if (changed !== undefined) refuse(`it exports ${changed} and assigns it anew`)

  const edits = []
  const edit = ({ start, end }, text) => edits.push({ start, end, text })
  for (const statement of body) {
    if (statement.type === "ImportDeclaration") edit(statement, imported(statement))
    else if (
      statement.type === "ExportNamedDeclaration" &&
      statement.declaration === null &&
      statement.source === null
    ) {
      edit(statement, exported(statement))
    } else if (statement.type.startsWith("Export")) refuse(`it has an ${statement.type}`)
  }
  for (const node of nodes) {
    if (node.type === "ImportExpression") {
      const id = textOf(node.source)
      const how = typeof id === "string" && isOfBundle(id) ? "__later" : "__outside"
      edit({ start: node.start, end: node.source.start }, `${how}(`)
    }
    if (node.type === "MemberExpression" && isMeta(node.object) && textOf(node.property) !== "url") {
      refuse(`it reads import.meta.${textOf(node.property)}`)
    }
    if (isMeta(node)) edit(node, "__meta")
  }
  edits.sort((one, other) => one.start - other.start)
  let at = 0
  let script = ""
  for (const { start, end, text } of edits) {
    script += code.slice(at, start) + text
    at = end
  }
  return script + code.slice(at)
}

/** The whole script: a function with what it needs as parameters, in the strict mode that modules have. */
export const asScript = (body) => `(function(${given.join(",")}){"use strict";${body}\n})\n`

/** The scripts that need themselves by way of others; there each would find the other half run. */
export const circles = (chunks) => {
  const importsOf = new Map(chunks.map(({ fileName, imports }) => [fileName, imports]))
  const done = new Set()
  const found = []
  const visit = (name, path) => {
    if (path.includes(name)) found.push([...path.slice(path.indexOf(name)), name].join(" -> "))
    else if (!done.has(name)) {
      for (const next of importsOf.get(name) ?? []) visit(next, [...path, name])
      done.add(name)
    }
  }
  for (const name of importsOf.keys()) visit(name, [])
  return found
}
