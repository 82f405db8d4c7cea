#!/usr/bin/env bash
# Prints the folder with the Python interpreter of MiniStack, a CloudFormation engine for this machine, which it is put into.
set -euo pipefail
folder="${TMPDIR:-/tmp}/stateful-mcp-ministack-1.5.33"
if [ ! -e "$folder/installed" ]; then
  python3 -m venv --clear "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 >&2
  touch "$folder/installed"
fi
echo "$folder/bin"
