/** The completion script for zsh: for `source`, and as a file named `_claudex` in a directory of `fpath`. */
import { shellWord } from "../../launcher/shell.ts"
import type { Offer, Place } from "./places.ts"
import { offersWord } from "./offersWord.ts"

const described = (offers: ReadonlyArray<Offer>): string =>
  offers.map(({ help, name }) => shellWord(`${name}:${help}`)).join(" ")

const placeCase = (place: Place): string => `    '${place.path}')
      subs=(${described(place.commands)})
      flags=(${described(place.options)})
      takes=(${place.values.map(({ kind, name }) => `${name} ${kind}`).join(" ")})
      args=(${place.arguments.join(" ")})
      passes=(${described(place.passing)}) ;;`

/** Walks over what is typed, then offers what can stand at the cursor. */
const machinery = `
_claudex_offer() {
  local -a asked=(${offersWord} $1 --at "$word" --of "$before") found
  case $1 in
    any) return 1 ;;
    file) _files ;;
    alias | enabled | key | profile | stored | tested | value)
      [[ -n $config ]] && asked+=(--config "\${config/#\\~/$HOME}")
      found=("\${(@f)$("$program" "\${asked[@]}" 2>/dev/null)}")
      # more of a word is to come where it ends in a dot
      [[ $1 == key ]] && compadd -S '' -- "\${(@M)found:#*.}" && found=("\${(@)found:#*.}")
      compadd -- "\${(@)found:#}" ;;
    *) compadd -- \${(s:,:)1} ;;
  esac
}

# whether a word is an option of ours behind the arguments, where those of another program begin
_claudex_own() {
  [[ -z $literal && $1 == -?* && $1 != -- ]] || return 1
  if [[ $1 == --* ]]; then
    [[ -n \${(M)passes:#"$1":*} || -n \${takes[\${1%%=*}]} ]]
  else
    [[ -n \${takes[\${1[1,2]}]} ]]
  fi
}

_claudex() {
  local program=\${\${(Q)words[1]}/#\\~/$HOME} word at= before= wants= option= config= literal=
  local -i place=0 i
  local -a subs flags args passes
  local -A takes
  _claudex_place ''
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $wants ]]; then
      [[ $option == --config ]] && config=$word
      wants=
    elif ((\${#passes} && place > 0)) && ! _claudex_own "$word"; then
      _files
      return
    elif [[ -z $literal && $word == --*=* ]]; then
      [[ $word == --config=* ]] && config=\${word#*=}
    elif [[ -z $literal && $word == -* && -n \${takes[$word]} ]]; then
      option=$word wants=\${takes[$word]}
    elif [[ -z $literal && $word == -- ]]; then
      literal=yes
    elif [[ -z $literal && $word == -?* ]]; then
      continue
    elif ((\${#subs})); then
      at=\${at:+$at }$word
      _claudex_place "$at" || return 1
    else
      ((place += 1))
      before=$word
    fi
  done

  word=\${(Q)words[CURRENT]}
  if [[ -n $wants ]]; then
    _claudex_offer "$wants"
  elif [[ -z $literal && $word == --*=* ]]; then
    wants=\${takes[\${word%%=*}]}
    compset -P '*='
    _claudex_offer "\${wants:-any}"
  elif ((\${#passes} && place > 0)); then
    if [[ -z $literal && $word == -* ]]; then
      _describe -o option passes
    else
      _files
    fi
  elif [[ -z $literal && $word == -* ]]; then
    _describe -o option flags
  elif ((\${#subs})); then
    _describe command subs
  else
    _claudex_offer "\${args[place+1]:-any}"
  fi
}

if [[ \${funcstack[1]} == _claudex ]]; then
  _claudex "$@"
else
  compdef _claudex claudex
fi
`

export const zshScript = (places: ReadonlyArray<Place>): string =>
  `#compdef claudex
# Completions of claudex for zsh, after compinit: source <(claudex completions zsh)

_claudex_place() {
  case $1 in
${places.map(placeCase).join("\n")}
    *) return 1 ;;
  esac
}
${machinery}`
