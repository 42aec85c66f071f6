#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures: bash tests/bench/run.sh vault [--full [--doses N]] [--write]
#           bash tests/bench/run.sh tenants [--full]
#
#   --full     the large run: a million residents, 10^7 doses, 1,741 open tenants, 12 GiB in TMPDIR;
#              without it a bounded one of about a minute. --doses 2000000 leaves out the largest
#   --write    also writes docs/performance-vault.svg
#
# Builds a hardened release. Data lies in TMPDIR (/tmp), which should be on the disk that is meant.
set -euo pipefail
cd "$(dirname "$0")/../.."
. services/setup.sh

what=${1:-}
case $what in
  vault | tenants) shift ;;
  --help) sed -n '4,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "tests/bench/run.sh: what to measure? see --help" >&2; exit 2 ;;
esac
packages="$VRX_BUILD_PACKAGES libcmocka-dev"
command -v node >/dev/null && command -v npm >/dev/null || packages="$packages nodejs npm"
# shellcheck disable=SC2086
vrx_install $packages
cmake --preset release -DVRX_TESTS=ON >/dev/null
case $what in
  vault)
    cmake --build --preset release --target vrx_bench >/dev/null
    exec node tests/bench/vault.mjs build/release/bench "$@"
    ;;
  tenants)
    cmake --build --preset release --target vrx_bench_tenants >/dev/null
    VRX_BUILD=$PWD/build/release exec node tests/bench/tenants.mjs "$@"
    ;;
esac
