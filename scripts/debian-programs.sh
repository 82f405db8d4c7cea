#!/usr/bin/env bash
# Has the programs of these names on this machine, whose packages have the same names. Fails where one is missing and cannot be installed: that takes Debian or Ubuntu, as root.
set -euo pipefail
missing=()
for program in "$@"; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if [ "${#missing[@]}" = 0 ]; then exit; fi
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
