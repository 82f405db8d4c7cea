# Completion of stateful-mcp for fish. It asks `stateful-mcp complete -- WORD...` while somebody types:
# a line is a candidate, a tab and what it is; the last one is :0 where files come next, else :4.
# Nothing that was typed is evaluated.
function __stateful_mcp_candidates
    set -l words (commandline -opc)
    set -e words[1]
    set -l last (commandline -ct | string replace -r '^["\']' '')
    set -l flag (string match -r -- '^--[^=]+=' "$last")
    set -l lines (stateful-mcp complete -- $words "$last" 2>/dev/null)
    if contains -- :0 $lines
        set lines (__fish_complete_path (string replace -- "$flag" '' "$last"))
    else
        set lines (string match -- "*"\t"*" $lines)
    end
    for line in $lines
        echo "$flag$line"
    end
end
complete -c stateful-mcp -e
complete -c stateful-mcp -f -a '(__stateful_mcp_candidates)'
