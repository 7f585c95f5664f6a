/** The events of one answer, and the rules every decoder keeps. */

export type * from "../protocol/turn.ts"
