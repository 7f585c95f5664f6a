/**
 * Prints the demo within 80 columns: headings, wrapped lines, and text that streams in word by word. Plain text; on a
 * terminal that wants colours the headings are bold and the thoughts dim.
 */

export interface Printer {
  readonly heading: (text: string) => void
  /** `label` in the left margin, `lines` beside it, each wrapped. */
  readonly block: (label: string, lines: ReadonlyArray<string>) => void
  /** A piece of streamed text; a new label or kind begins a new paragraph. */
  readonly stream: (label: string, piece: string) => void
  /** Ends the paragraph that is being streamed, if any. */
  readonly endStream: () => void
}

const columns = 80
const margin = 12

/** Words of a line, wrapped; a word that is too long stands alone. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

export const makePrinter = (write: (text: string) => void, colours: boolean): Printer => {
  const style = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  /** What is being streamed, and how far its line has come. */
  let open: { readonly label: string; column: number; word: string; space: boolean } | undefined

  const flushWord = () => {
    if (open === undefined || open.word === "") return
    if (open.column > margin && open.column + open.word.length + (open.space ? 1 : 0) > columns) newLine()
    const word = open.space ? ` ${open.word}` : open.word
    write(open.label === "thinks" ? style(2, word) : word)
    open.column += word.length
    open.word = ""
    open.space = false
  }

  const newLine = () => {
    if (open === undefined) return
    write(`\n${" ".repeat(margin)}`)
    open.column = margin
    open.space = false
  }

  const endStream = () => {
    if (open === undefined) return
    flushWord()
    write("\n")
    open = undefined
  }

  const put = (character: string) => {
    if (open === undefined) return
    if (character === "\n") {
      flushWord()
      newLine()
    } else if (character === " ") {
      flushWord()
      // written with the next word, so that no line ends in a space or begins with one
      open.space = open.column > margin
    } else open.word += character
  }

  return {
    heading: (text) => {
      endStream()
      write(`\n${style(1, text)}\n${"-".repeat(Math.min(columns, text.length))}\n`)
    },
    block: (label, lines) => {
      endStream()
      const wrapped = lines.flatMap((line) => wrap(line, columns - margin))
      wrapped.forEach((line, index) => write(`${(index === 0 ? label : "").padEnd(margin)}${line}\n`))
    },
    stream: (label, piece) => {
      if (open?.label !== label) {
        endStream()
        open = { label, column: margin, word: "", space: false }
        write(label.padEnd(margin))
      }
      for (const character of piece) put(character)
    },
    endStream
  }
}
