#compdef stateful-mcp
# Completion of stateful-mcp for zsh. It asks `stateful-mcp complete -- WORD...` while somebody types:
# a line is a candidate, a tab and what it is; the last one is :0 where files come next, else :4.
# Nothing that was typed is evaluated.
_stateful-mcp() {
  local line tab=$'\t' files=no
  local -a given described
  given=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  for line in "${(@f)$(stateful-mcp complete -- "${given[@]}" 2>/dev/null)}"; do
    case $line in
      *$tab*) described+=("${${line%%$tab*}//:/\\:}:${line#*$tab}") ;;
      :0) files=yes ;;
    esac
  done
  if [[ $PREFIX == --*=* ]]; then
    compset -P '*='
  fi
  if [[ $files == yes ]]; then
    _files
  else
    (( ${#described} )) && _describe 'stateful-mcp' described
  fi
}
if [[ $funcstack[1] == _stateful-mcp ]]; then
  _stateful-mcp "$@"
else
  compdef _stateful-mcp stateful-mcp
fi
