# SPDX-License-Identifier: Apache-2.0
# Sourced by services/demo.sh, tests/run.sh and .ci/run: what a fresh Debian 12 machine needs, and builds.

VRX_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What the programs are built from and with.
VRX_BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config protobuf-c-compiler protobuf-compiler
  libssl-dev libsqlite3-dev libcbor-dev libnghttp2-dev libprotobuf-c-dev libevent-dev libqrencode-dev
  libpng-dev libcairo2-dev libfreetype-dev fonts-ipaexfont-gothic poppler-utils libjpeg62-turbo-dev libzbar-dev
  libjansson-dev zlib1g-dev libdeflate-dev libseccomp-dev libp11-kit-dev libconfuse-dev libargon2-dev liboath-dev"

# vrx_install PACKAGE…: those that are not there yet, from Debian's own archive.
vrx_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "installing: ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "the packages could not be installed; run as root, or install them yourself" >&2
    return 1
  fi
  rm -f "$log"
}

# vrx_build PRESET [CMAKE-OPTION…]: configures and builds everything of a preset into build/PRESET.
vrx_build() {
  local preset=$1 log
  shift
  log=$(mktemp)
  if ! { cmake --preset "$preset" "$@" && cmake --build --preset "$preset"; } >"$log" 2>&1; then
    grep -E 'error|FAILED|warning' "$log" | head -n 40 >&2
    tail -n 20 "$log" >&2
    return 1
  fi
  rm -f "$log"
}
