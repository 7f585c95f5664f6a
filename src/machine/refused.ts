/** What the system can refuse to do with a file: a `PlatformError`, or an error of our own that has said it already. */
interface Refused {
  readonly message: string
  readonly description?: string | undefined
}

/** `permission denied`: the one path that matters is known to who asked, and the others are drafts of ours. */
export const refusedWhy = ({ description = "", message }: Refused): string =>
  // Node's words: EACCES: permission denied, open '/home/me/.config.toml.b4ac.tmp'
  /^E[A-Z0-9]+: ([^,]+)/.exec(description)?.[1] ?? message
