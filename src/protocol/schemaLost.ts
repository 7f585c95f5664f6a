/** Hears what an adapted schema no longer demands. */

/** Is told each statement that was weakened or left out: its place (`.properties.a.pattern`) and what became of it. */
export type Lost = (path: string, what: string) => void

export const untold: Lost = () => undefined

/** What is said of a keyword that goes without replacement. */
export const notSent = (keyword: string): string => `${keyword} is not sent`
