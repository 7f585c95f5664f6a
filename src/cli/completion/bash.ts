/** The completion script for bash, 3.2 (as macOS has it) and newer. */
import type { Place } from "./places.ts"
import { offersWord } from "./offersWord.ts"

const names = (offers: ReadonlyArray<{ readonly name: string }>): string => offers.map(({ name }) => name).join(" ")

const placeCase = (place: Place): string => {
  const takes = place.values.map(({ kind, name }) => `${name}:${kind}`).join(" ")
  return `    '${place.path}')
      subs='${names(place.commands)}'
      flags='${names(place.options)}'
      takes=' ${takes} '
      args='${place.arguments.join(" ")}'
      passes='${names(place.passing)}' ;;`
}

/** Walks over what is typed, then offers what can stand at the cursor. */
const machinery = `
# one candidate a line; those that begin as the word at the cursor does
_claudex_match() {
  local line
  while IFS= read -r line; do
    [[ -n $line && $line == "$cur"* ]] || continue
    line=\${line#"$head"}
    [[ -n $quote ]] || printf -v line %q "$line"
    COMPREPLY+=("$line")
  done <<<"$1"
  compopt +o default 2>/dev/null
}

_claudex_offer() {
  local asked=(${offersWord} "$1" --at "$cur" --of "$before")
  case $1 in
    file) ;;
    alias | enabled | key | profile | stored | tested | value)
      [[ -n $config ]] && asked+=(--config "\${config/#\\~/$HOME}")
      _claudex_match "$("$program" "\${asked[@]}" 2>/dev/null)"
      # more of the word is to come
      [[ $1 == key && \${COMPREPLY[0]-} == *. ]] && compopt -o nospace 2>/dev/null ;;
    any) _claudex_match '' ;;
    *) _claudex_match "\${1//,/$nl}" ;;
  esac
}

# whether a word is an option of ours behind the arguments, where those of another program begin
_claudex_own() {
  [[ -z $literal && $1 == -?* && $1 != -- ]] || return 1
  case $1 in
    --*) [[ " $passes " == *" $1 "* || $takes == *" \${1%%=*}:"* ]] ;;
    *) [[ $takes == *" \${1:0:2}:"* ]] ;;
  esac
}

_claudex() {
  local program=\${1/#\\~/$HOME} nl=$'\\n' typed=() piece glue= cur head quote=
  local word at= before= place=0 wants= option= config= literal= subs flags takes args passes
  COMPREPLY=()
  # bash cuts words at these, and offers only the part after the last cut
  for piece in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ \${#typed[@]} -gt 1 && ( -n $glue || $piece == [=:@]* ) ]]; then
      typed[\${#typed[@]}-1]+=$piece
    else
      typed+=("$piece")
    fi
    glue=
    [[ $piece == *[=:@] ]] && glue=yes
  done
  ((\${#typed[@]} > 1)) || return 0
  cur=\${typed[\${#typed[@]}-1]}
  head=\${cur%"$piece"}
  [[ $piece == [=:@]* ]] && head=$cur
  case $cur in
    [\\'\\"]*) quote=\${cur:0:1} cur=\${cur:1} ;;
    *) cur=\${cur//\\\\/} head=\${head//\\\\/} ;;
  esac

  _claudex_place ''
  for word in "\${typed[@]:1:\${#typed[@]}-2}"; do
    if [[ -n $wants ]]; then
      [[ $option == --config ]] && config=$word
      wants=
    elif [[ -n $passes && $place -gt 0 ]] && ! _claudex_own "$word"; then
      return 0
    elif [[ -z $literal && $word == --*=* ]]; then
      [[ $word == --config=* ]] && config=\${word#*=}
    elif [[ -z $literal && $word == -* && $takes == *" $word:"* ]]; then
      option=$word wants=\${takes#*" $word:"}
      wants=\${wants%% *}
    elif [[ -z $literal && $word == -- ]]; then
      literal=yes
    elif [[ -z $literal && $word == -?* ]]; then
      continue
    elif [[ -n $subs ]]; then
      at=\${at:+$at }$word
      if ! _claudex_place "$at"; then
        _claudex_offer any
        return
      fi
    else
      place=$((place + 1)) before=$word
    fi
  done

  if [[ -n $wants ]]; then
    _claudex_offer "$wants"
  elif [[ -z $literal && $cur == --*=* && $takes == *" \${cur%%=*}:"* ]]; then
    wants=\${takes#*" \${cur%%=*}:"}
    cur=\${cur#*=} head=\${head#*=}
    _claudex_offer "\${wants%% *}"
  elif [[ -n $passes && $place -gt 0 ]]; then
    [[ -z $literal && $cur == -* && $cur != *=* ]] && _claudex_match "\${passes// /$nl}"
    return 0
  elif [[ -z $literal && $cur == -* ]]; then
    _claudex_match "\${flags// /$nl}"
  elif [[ -n $subs ]]; then
    _claudex_match "\${subs// /$nl}"
  else
    set -- $args
    ((place < $#)) && shift "$place" || set -- any
    _claudex_offer "$1"
  fi
}

complete -o default -F _claudex claudex
`

export const bashScript = (places: ReadonlyArray<Place>): string =>
  `# Completions of claudex for bash: eval "$(claudex completions bash)"

_claudex_place() {
  case $1 in
${places.map(placeCase).join("\n")}
    *) return 1 ;;
  esac
}
${machinery}`
