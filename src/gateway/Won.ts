/** What a candidate answered: the client gets it and nobody else is asked. */
import type { Piece } from "./Piece.ts"
import type { Relay } from "./Relay.ts"

type Headers = Readonly<Record<string, string>>

/** `headers` are for the client, besides those of the exchange. */
export type Won =
  | { readonly _tag: "stream"; readonly relay: Relay; readonly headers: Headers }
  | { readonly _tag: "whole"; readonly body: Piece; readonly headers: Headers; readonly status: number }
