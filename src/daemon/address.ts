/** Network addresses as they stand in a URL. */

const wildcards: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1" }

/**
 * The URL under which a client of this machine reaches a server bound to `host`; no trailing slash. A server on all
 * addresses is reached over the loopback one. IPv6 addresses get their brackets.
 */
export const urlOf = (host: string, port: number): string => {
  const bare = host.replace(/^\[(.*)\]$/, "$1")
  const reachable = wildcards[bare] ?? bare
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`
}
