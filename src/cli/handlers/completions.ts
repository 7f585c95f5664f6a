import { words } from "../commands.ts"
import { bashScript } from "../completion/bash.ts"
import { fishScript } from "../completion/fish.ts"
import { placesOf } from "../completion/places.ts"
import { optionValues } from "../completion/values.ts"
import { zshScript } from "../completion/zsh.ts"
import { print } from "../output.ts"

const scripts = { bash: bashScript, fish: fishScript, zsh: zshScript }

/** `claudex completions`: the script for one shell. */
export const handle = ({ shell }: { readonly shell: keyof typeof scripts }) =>
  print(scripts[shell](placesOf(words, optionValues)).trimEnd())
