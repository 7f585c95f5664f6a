/** The formats of configuration files: TOML is read and written, YAML, as the original had it, is read. Pure. */

/** As the names of files end, the preferred one first. */
export const formats: ReadonlyArray<string> = ["toml", "yaml", "yml"]

/** By its name; whatever is not YAML is TOML. */
export const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path)

/** The TOML file that holds what the YAML file does, beside it. */
export const tomlBeside = (path: string): string => path.replace(/ya?ml$/i, "toml")

/** The command that makes a TOML file of a YAML file. */
export const migration = "claudex config migrate"
