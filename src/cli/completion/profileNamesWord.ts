/**
 * The first argument that makes claudex print the profiles a shell can complete; not for people. After it: `--all` for
 * disabled profiles too, `--config PATH`.
 */
export const profileNamesWord = "profile-names"
