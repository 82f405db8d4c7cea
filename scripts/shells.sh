#!/usr/bin/env bash
# Has zsh and fish on this machine, for the tests of completion. Fails where one is missing and cannot be installed: that takes Debian or Ubuntu, as root.
set -euo pipefail
missing=()
for shell in zsh fish; do
  command -v "$shell" >/dev/null || missing+=("$shell")
done
if [ "${#missing[@]}" = 0 ]; then exit; fi
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
