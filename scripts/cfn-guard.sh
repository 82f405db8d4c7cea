#!/usr/bin/env bash
# Prints the folder of cfn-guard with the rules of AWS Control Tower, which it puts into a folder of its own.
set -euo pipefail
folder="${TMPDIR:-/tmp}/stateful-mcp-cfn-guard-0.0.62"
package="$folder/node_modules/@cdklabs/cdk-validator-cfnguard"
if [ ! -d "$package/rules" ]; then
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" @cdklabs/cdk-validator-cfnguard@0.0.62 >&2
fi
echo "$package"
