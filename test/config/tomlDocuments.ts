/** TOML documents as people write them. */
import { Either } from "effect"
import * as fc from "fast-check"
import { parse } from "smol-toml"
import { keyText, type TomlValue, valueText } from "../../src/config/tomlText.ts"

/** Keys, some of which have to be quoted. */
export const keys = fc.constantFrom("a", "b", "c", "d-e", "f g", "ü", "1", "x.y")
const scalar: fc.Arbitrary<TomlValue> = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.boolean(),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("#", 'say "x"', "a\nb", "\u007f", "[x]", "'")
)
export const values: fc.Arbitrary<TomlValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(keys, scalar, { maxKeys: 3 }) }
)
const note = fc.constantFrom("", "", "# a note", "", "#", "# key = 1")

interface Line {
  readonly path: ReadonlyArray<string>
  readonly value: TomlValue
}

const block = fc.record({
  lines: fc.uniqueArray(fc.record({ path: fc.array(keys, { minLength: 1, maxLength: 2 }), value: values }), {
    maxLength: 4,
    // one dotted key may not go through another's value
    selector: (line: Line) => line.path[0]
  }),
  notes: fc.array(note, { minLength: 6, maxLength: 6 }),
  indent: fc.constantFrom("", "  ", "\t")
})

const linesOf = ({
  indent,
  lines,
  notes
}: {
  readonly indent: string
  readonly lines: ReadonlyArray<Line>
  readonly notes: ReadonlyArray<string>
}) => [
  ...(notes[5] === "" ? [] : [notes[5] ?? ""]),
  ...lines.flatMap((line, at) => [
    `${indent}${keyText(line.path)} = ${valueText(line.value)}${notes[at] === "" ? "" : ` ${notes[at]}`}`,
    ...(notes[at] === "#" ? ["", "# between"] : [])
  ])
]

/** Each table as a section, dotted or inline, comments and blank lines anywhere. */
export const documents = fc
  .record({
    root: block,
    tables: fc.uniqueArray(fc.tuple(fc.constantFrom("t1", "t2", "t3.sub", "t3"), block), {
      maxLength: 3,
      selector: ([name]) => name
    }),
    profiles: fc.array(fc.tuple(block, fc.option(block)), { maxLength: 3 }),
    newline: fc.constantFrom("\n", "\n", "\r\n"),
    isWhole: fc.boolean()
  })
  .map(({ isWhole, newline, profiles, root, tables }) => {
    const lines = [
      ...linesOf(root),
      ...tables.flatMap(([name, inner]) => [`[${name}]`, ...linesOf(inner)]),
      ...profiles.flatMap(([inner, models]) => [
        "",
        "[[profiles]] # one",
        ...linesOf(inner),
        ...(models === null ? [] : ["[profiles.models]", ...linesOf(models)])
      ])
    ]
    return lines.join(newline) + (isWhole ? newline : "")
  })
  .filter((candidate) => Either.isRight(Either.try(() => parse(candidate))))
