#!/usr/bin/env bash
# Has Chromium on this machine, for the test that signs in by a real browser.
set -euo pipefail
for program in chromium chromium-browser google-chrome; do
  if command -v "$program" >/dev/null; then exit; fi
done
exec bash "$(dirname "$0")/debian-programs.sh" chromium
