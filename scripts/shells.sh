#!/usr/bin/env bash
# Has zsh and fish on this machine, for the tests of completion.
exec bash "$(dirname "$0")/debian-programs.sh" zsh fish
