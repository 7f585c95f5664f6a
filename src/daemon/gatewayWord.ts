/** The first argument that makes claudex the background gateway; not for people. The second one is a `GatewayOrder`. */
export const gatewayWord = "gateway-process"
