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
