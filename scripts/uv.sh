#!/usr/bin/env bash
# Prints the folder of uv, the installer of Python packages: that of the PATH, or else one of its own that it is put into.
set -euo pipefail
if found=$(command -v uv); then
  dirname "$found"
  exit
fi
folder="${TMPDIR:-/tmp}/stateful-mcp-uv-0.13.9"
if [ ! -x "$folder/bin/uv" ]; then
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check uv==0.13.9 >&2
fi
echo "$folder/bin"
