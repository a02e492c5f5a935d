"""The scripts that connect a shell: completion, and `aws events` sent to evcli.

The files in `completions/` are these texts, for packages to install.
"""

from __future__ import annotations

from evcli.cli.parsing.arguments import GLOBAL_OPTIONS
from evcli.cli.parsing.scanner import ONE

BASH = """\
# Completion of evcli for bash 3.2 and later.
#   eval "$(evcli local completion bash)"

_evcli() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(
        EVCLI_COMPLETE=bash EVCLI_LINE="${COMP_LINE:0:COMP_POINT}" \\
            EVCLI_WORDBREAKS="$COMP_WORDBREAKS" "$1" 2>/dev/null
    )
    # The word goes on behind a directory, or a name that wants a value.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -o nosort -F _evcli evcli 2>/dev/null || complete -F _evcli evcli
"""

ZSH = """\
#compdef evcli
# Completion of evcli for zsh. In a directory of $fpath, or:
#   eval "$(evcli local completion zsh)"

_evcli() {
    local text purpose
    local -a texts shown unfinished
    while IFS=$'\\t' read -r text purpose; do
        if [[ $text == *[/=] ]]; then
            unfinished+=("$text")
        else
            texts+=("$text")
            shown+=("$text${purpose:+  -- $purpose}")
        fi
    done < <(
        EVCLI_COMPLETE=zsh "$words[1]" "${(@Q)words[2,CURRENT-1]}" "$PREFIX" \\
            2>/dev/null
    )
    # Names without purposes stand side by side.
    if [[ "$texts" == "$shown" ]]; then
        compadd -V evcli -a texts
    else
        compadd -V evcli -l -d shown -a texts
    fi
    # The word goes on behind a directory, or a name that wants a value.
    compadd -V evcli -S '' -a unfinished
}

if [[ $funcstack[1] == _evcli ]]; then
    _evcli "$@"
else
    # A shell without any settings has no completion yet; -i: nothing is asked.
    if (( ! $+functions[compdef] )); then
        autoload -Uz compinit && compinit -i
    fi
    compdef _evcli evcli
fi
"""

FISH = """\
# Completion of evcli for fish. In ~/.config/fish/completions/evcli.fish, or:
#   evcli local completion fish | source

function __evcli_complete
    set -l words (commandline --tokenize --current-process --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l program $words[1]
    set -e words[1]
    EVCLI_COMPLETE=fish $program $words "$current" 2>/dev/null
end

complete --command evcli --no-files --keep-order --arguments '(__evcli_complete)'
"""

# Shell → its file in `completions/` and the text of it.
COMPLETIONS = {
    "bash": ("evcli.bash", BASH),
    "zsh": ("_evcli", ZSH),
    "fish": ("evcli.fish", FISH),
}

_SH_ALIAS = """\
# Sends `aws events …` to evcli and everything else to aws.
#   eval "$(evcli local alias)"

aws() {{
    local word skip=
    for word in "$@"; do
        if [ -n "$skip" ]; then
            skip=
            continue
        fi
        case $word in
            {options}) skip=1 ;;
            -*) ;;
            events)
                EVCLI_PROGRAM=aws command evcli "$@"
                return
                ;;
            *) break ;;
        esac
    done
    command aws "$@"
}}
"""

_FISH_ALIAS = """\
# Sends `aws events …` to evcli and everything else to aws.
#   evcli local alias fish | source

function aws --wraps aws
    set -l skip 0
    for word in $argv
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case {options}
                set skip 1
            case '-*'
            case events
                EVCLI_PROGRAM=aws command evcli $argv
                return
            case '*'
                break
        end
    end
    command aws $argv
end
"""


def format_alias(shell: str) -> str:
    """Format the function `aws` for bash, zsh or fish.

    Options with a value may stand before `events`; their values are no commands.
    """
    options = [name for name, option in GLOBAL_OPTIONS.items() if option.arity == ONE]
    if shell == "fish":
        return _FISH_ALIAS.format(options=" ".join(options))
    return _SH_ALIAS.format(options=" | ".join(options))
