#!/usr/bin/env bash
# Prints the folder that holds the `node` of the version asked for, obtained from npm as one binary package.
# Usage: scripts/node-version.sh 22.23.3
set -euo pipefail
version=$1
case "$(uname -m)" in x86_64) cpu=x64 ;; aarch64 | arm64) cpu=arm64 ;; *) echo "no node binary for $(uname -m)" >&2; exit 1 ;; esac
platform=$(uname -s | tr '[:upper:]' '[:lower:]')
folder="${XDG_CACHE_HOME:-$HOME/.cache}/stateful-mcp/node-$version-$platform-$cpu"
if [ ! -x "$folder/bin/node" ]; then
  mkdir -p "$folder"
  npm install --no-save --no-audit --no-fund --prefix "$folder" "node-$platform-$cpu@$version" >&2
  mkdir -p "$folder/bin"
  ln -sf "../node_modules/node-$platform-$cpu/bin/node" "$folder/bin/node"
fi
echo "$folder/bin"
