/** The layers that need Node: the gateway on a Node server, and the way to providers over undici. */

/** The gateway, listening, with an orderly end: `GatewayServer.layer(port)`. */
export * as GatewayServer from "./gateway/GatewayServer.node.ts"
/** `UpstreamHttp` over undici: kept connections, proxies from the environment, cheap per chunk. */
export * as NodeUpstream from "./upstream/undici.node.ts"
/** Node's own streams between the client and the translation, instead of the portable default. */
export * as NodeWire from "./gateway/Wire.node.ts"
