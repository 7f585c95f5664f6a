/** The completion script for fish, 3.0 and newer. */
import type { Offer, Place } from "./places.ts"
import { offersWord } from "./offersWord.ts"

/** In fish's single quotes only these two are special. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, (one) => `\\${one}`)}'`

/** fish shows what stands after a tab as a description. */
const described = (offers: ReadonlyArray<Offer>): string =>
  offers.map(({ help, name }) => quoted(`${name}\t${help}`)).join(" ")

const line = (name: string, values: string): string => `            set ${name} ${values}`.trimEnd()

const placeCase = (place: Place): string =>
  [
    `        case ${quoted(place.path)}`,
    line("subs", described(place.commands)),
    line("flags", described(place.options)),
    line("takes", place.values.map(({ name }) => name).join(" ")),
    line("kinds", place.values.map(({ kind }) => kind).join(" ")),
    line("args", place.arguments.join(" ")),
    line("passes", described(place.passing))
  ].join("\n")

/** Walks over what is typed, then offers what can stand at the cursor. */
const machinery = `
# whether a word is an option of ours behind the arguments, where those of another program begin
function __claudex_own --no-scope-shadowing
    test -z "$literal"; and string match -q -- '-?*' $argv[1]; or return
    switch $argv[1]
        case --
            return 1
        case '--*'
            contains -- $argv[1] (string replace -r '\\t.*' '' -- $passes)
            or contains -- (string replace -r '=.*' '' -- $argv[1]) $takes
        case '*'
            contains -- (string sub -l 2 -- $argv[1]) $takes
    end
end

function __claudex_complete
    set -l typed (commandline -opc)
    set -l cur (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $typed[1])
    set -e typed[1]
    set -l at ''
    set -l place 0
    set -l before ''
    set -l wants ''
    set -l option ''
    set -l config ''
    set -l literal ''
    set -l head ''
    set -l subs
    set -l flags
    set -l takes
    set -l kinds
    set -l args
    set -l passes
    __claudex_place
    for word in $typed
        if test -n "$wants"
            test "$option" = --config; and set config $word
            set wants ''
        else if set -q passes[1]; and test $place -gt 0; and not __claudex_own "$word"
            __fish_complete_path $cur
            return
        else if test -z "$literal"; and string match -q -- '--*=*' "$word"
            string match -q -- '--config=*' $word; and set config (string replace -- --config= '' $word)
        else if test -z "$literal"; and contains -- "$word" $takes
            set option $word
            set wants $kinds[(contains -i -- $word $takes)]
        else if test -z "$literal"; and test "$word" = --
            set literal yes
        else if test -z "$literal"; and string match -q -- '-?*' "$word"
            continue
        else if set -q subs[1]
            set at (string trim -- "$at $word")
            __claudex_place; or return
        else
            set place (math $place + 1)
            set before $word
        end
    end

    if test -n "$wants"
    else if test -z "$literal"; and string match -q -- '--*=*' "$cur"
        set option (string replace -r '=.*' '' -- $cur)
        contains -- $option $takes; or return
        set wants $kinds[(contains -i -- $option $takes)]
        set head $option=
        set cur (string replace -- $head '' $cur)
    else if set -q passes[1]; and test $place -gt 0
        if test -z "$literal"; and string match -q -- '-*' "$cur"
            printf '%s\\n' $passes
            return
        end
        set wants file
    else if test -z "$literal"; and string match -q -- '-*' "$cur"
        printf '%s\\n' $flags
        return
    else if set -q subs[1]
        printf '%s\\n' $subs
        return
    else
        set wants $args[(math $place + 1)]
    end

    switch "$wants"
        case '' any
            return
        case file
            for found in (__fish_complete_path $cur)
                echo $head$found
            end
        case alias enabled key profile stored tested value
            set -l asked ${offersWord} $wants --at "$cur" --of "$before"
            test -n "$config"; and set -a asked --config (string replace -r '^~' $HOME -- $config)
            for name in (command $program $asked 2>/dev/null)
                echo $head$name
            end
        case '*'
            for one in (string split , -- $wants)
                echo $head$one
            end
    end
end

complete -c claudex -f -a '(__claudex_complete)'
`

export const fishScript = (places: ReadonlyArray<Place>): string =>
  `# Completions of claudex for fish: claudex completions fish | source

function __claudex_place --no-scope-shadowing
    switch "$at"
${places.map(placeCase).join("\n")}
        case '*'
            return 1
    end
    # \`set\` leaves the status as it was
    true
end
${machinery}`
