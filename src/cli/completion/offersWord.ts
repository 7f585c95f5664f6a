/**
 * The first argument that makes claudex print what a shell can complete; not for people. After it one of these kinds;
 * then `--config PATH`, for settings `--at TEXT`, which is what is typed of one, and for a value `--of SETTING`.
 */
export const offersWord = "offers"

/**
 * What only the configuration knows: every profile, those that can be run, all that can be tested, short names for models,
 * settings, what one of these can be, and stored keys that no profile uses. Others of a place are told in its script.
 */
export type Offered = "profile" | "enabled" | "tested" | "alias" | "key" | "value" | "stored"
