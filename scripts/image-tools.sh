#!/usr/bin/env bash
# Installs the programs of `npm run test:image` that are missing: a registry, what makes a base image, what runs one, and bubblewrap. Debian or Ubuntu, as root.
# Programs that are named on the command line are installed besides. With `--missing` before them it installs nothing, and prints the packages that are missing.
set -euo pipefail
only_list=
if [ "${1:-}" = --missing ]; then
  only_list=yes
  shift
fi
declare -A packages=(
  [docker-registry]=docker-registry [podman]=podman [runc]=runc [iptables]=iptables [mmdebstrap]=mmdebstrap [qemu-aarch64-static]=qemu-user-static [openssl]=openssl [bwrap]=bubblewrap
)
for program in "$@"; do packages[$program]=$program; done
missing=()
for program in "${!packages[@]}"; do
  command -v "$program" >/dev/null || missing+=("${packages[$program]}")
done
if [ -n "$only_list" ]; then
  echo "${missing[*]}"
  exit
fi
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# Programs for arm64 run where the kernel knows which interpreter to give them to.
if [ "$(uname -m)" != aarch64 ] && [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
  [ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  cat /usr/lib/binfmt.d/qemu-aarch64.conf >/proc/sys/fs/binfmt_misc/register
fi
