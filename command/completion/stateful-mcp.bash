# Completion of stateful-mcp for bash 3.2 and later. It asks `stateful-mcp complete -- WORD...` while somebody types:
# a line is a candidate, a tab and what it is; the last one is :0 where files come next, else :4.
# Nothing that was typed is evaluated.
_stateful_mcp() {
  local rest="${COMP_LINE:0:COMP_POINT}" word last typed begun line candidate quote files=no i
  local -a words
  # Bash splits words at = and :, too. What stands together is one word.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $i -eq 0 || $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      words[${#words[@]}]=$word
    else
      words[${#words[@]}-1]+=$word
    fi
    rest=${rest#"$word"}
  done
  last=${words[${#words[@]}-1]}
  case $last in [\"\']*) quote=yes ;; esac
  # Without their quotes; nothing in them is expanded.
  for i in "${!words[@]}"; do
    word=${words[i]//\\/}
    word=${word#[\"\']}
    words[i]=${word%[\"\']}
  done
  last=${words[${#words[@]}-1]}
  typed=$last
  case $last in --*=*) typed=${last#*=} ;; esac
  # Bash puts a candidate in the place of what stands behind the last colon.
  begun=
  if [[ $COMP_WORDBREAKS == *:* && -z $quote ]]; then
    begun=${typed%"${typed##*:}"}
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      *$'\t'*)
        candidate=${line%%$'\t'*}
        candidate=${candidate#"$begun"}
        [[ -n $quote ]] || printf -v candidate %q "$candidate"
        COMPREPLY[${#COMPREPLY[@]}]=$candidate
        ;;
      :0) files=yes ;;
    esac
  done < <(stateful-mcp complete -- "${words[@]:1}" 2>/dev/null)
  if [[ $files == yes ]]; then
    compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$typed"))
  fi
}
complete -F _stateful_mcp stateful-mcp
