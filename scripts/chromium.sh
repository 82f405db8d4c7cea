#!/usr/bin/env bash
# Has Chromium on this machine, for the test that signs in by a real browser. Fails where it is missing and cannot be installed: that takes Debian or Ubuntu, as root.
set -euo pipefail
for program in chromium chromium-browser google-chrome; do
  if command -v "$program" >/dev/null; then exit; fi
done
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
