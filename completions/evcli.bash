# Completion of evcli for bash 3.2 and later.
#   eval "$(evcli local completion bash)"

_evcli() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(
        EVCLI_COMPLETE=bash EVCLI_LINE="${COMP_LINE:0:COMP_POINT}" \
            EVCLI_WORDBREAKS="$COMP_WORDBREAKS" "$1" 2>/dev/null
    )
    # The word goes on behind a directory, or a name that wants a value.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -o nosort -F _evcli evcli 2>/dev/null || complete -F _evcli evcli
