/** The version of claudex, the one of package.json (a test compares them). */
export const version: string = "0.3.0"
