declare module "parse-prometheus-text-format" {
  /** A series; those of a histogram have counts, a sum and buckets by their upper bounds instead of a value. */
  interface Series {
    readonly labels?: Readonly<Record<string, string>>
    readonly value?: string
    readonly count?: string
    readonly sum?: string
    readonly buckets?: Readonly<Record<string, string>>
  }
  interface Family {
    readonly name: string
    readonly help: string
    readonly type: "COUNTER" | "GAUGE" | "HISTOGRAM" | "SUMMARY" | "UNTYPED"
    readonly metrics: ReadonlyArray<Series>
  }
  /** Throws on a line that is not of the format. */
  const parse: (text: string) => ReadonlyArray<Family>
  export default parse
}
