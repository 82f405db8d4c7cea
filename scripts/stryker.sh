#!/usr/bin/env bash
# Prints the folder of Stryker, which mutates sources, and which it is put into: 65 MB that `npm ci` need not bring.
set -euo pipefail
folder="${TMPDIR:-/tmp}/stateful-mcp-stryker-9.6.1"
if [ ! -e "$folder/installed" ]; then
  mkdir -p "$folder"
  npm install --no-save --no-audit --no-fund --prefix "$folder" @stryker-mutator/core@9.6.1 @stryker-mutator/jest-runner@9.6.1 >&2
  touch "$folder/installed"
fi
echo "$folder"
