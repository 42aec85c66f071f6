#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds VRX and runs its tests: bash tests/run.sh [--preset PRESET] [LABEL…]
#
#   --preset PRESET  dev (the default), release, asan, tsan
#   LABEL            unit wire fault memory fuzz system; without one, all. memory: of fault, what runs out of it;
#                    system-1, system-2: one half and the other of system
#
# Installs what it needs on Debian 12 (as root). Vectors and domain facts are found through VRX_VECTORS
# and VRX_DATA, by default ../shared/vectors and ../shared/data. The last line counts single tests.
set -euo pipefail
cd "$(dirname "$0")/.."
. services/setup.sh

preset=dev
labels=()
while [ $# -gt 0 ]; do
  case $1 in
    --preset) preset=$2; shift 2 ;;
    --help) sed -n '4,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
    unit | wire | fault | memory | fuzz | system | system-1 | system-2) labels+=("$1"); shift ;;
    *) echo "tests/run.sh: $1 is no label; see --help" >&2; exit 2 ;;
  esac
done

packages="$VRX_BUILD_PACKAGES libcmocka-dev openssl zbar-tools softhsm2 gdb iproute2"
[ "$preset" = dev ] || [ "$preset" = release ] || packages="$packages clang libclang-rt-14-dev llvm"
command -v node >/dev/null && command -v npm >/dev/null || packages="$packages nodejs npm"
# shellcheck disable=SC2086
vrx_install $packages

export VRX_VECTORS=${VRX_VECTORS:-$(realpath -m ../shared/vectors)}
export VRX_DATA=${VRX_DATA:-$(realpath -m ../shared/data)}

echo "building ($preset)"
vrx_build "$preset" -DVRX_TESTS=ON

select=()
if [ ${#labels[@]} -gt 0 ]; then
  select=(-L "^($(IFS='|'; echo "${labels[*]}"))\$")
fi
log=build/$preset/tests.log
status=0
# One more at a time than there are processors: many a test waits for a clock.
ctest --test-dir "build/$preset" --parallel "$(($(nproc) + 1))" --verbose "${select[@]}" >"$log" 2>&1 || status=$?

# Every program says its own counts: cmocka's summary, a seed's line, Node's. A program that ended without one
# (a crash, a time-out) is one failure.
grep -hoE 'vectors [^:]+: .*' "$log" || true
grep -E '^ *[0-9]+/[0-9]+ Test .*(\*\*\*|Failed|Timeout)' "$log" || true
if [ "$status" -ne 0 ]; then
  grep -E '\[  FAILED  \]|not ok |^[0-9]+: .*(error|Error|ERROR):|AddressSanitizer|runtime error' "$log" | head -n 60 || true
fi
awk -v status="$status" '
  /^[0-9]+: / { program = $1 + 0; sub(/^[0-9]+: /, "") }
  /^\[  PASSED  \] [0-9]+ test/ { passed += $4 }
  /^\[  SKIPPED \] [0-9]+ test/ { skipped += $4 }
  /^\[  FAILED  \] [0-9]+ test/ { failed[program] += $4 }
  /^\[       OK \] seed / { passed += 1 }
  /^# pass [0-9]+/ { passed += $3 }
  /^# (fail|cancelled) [0-9]+/ { failed[program] += $3 }
  /^# skipped [0-9]+/ { skipped += $3 }
  /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: .*\*\*\*/ { sub(/.*Test +#/, ""); ended_badly[$0 + 0] = 1 }
  END {
    for (program in ended_badly) if (!failed[program]) failed[program] = 1
    for (program in failed) failures += failed[program]
    if (!failures && status != 0) failures = 1
    printf "%d passed, %d failed, %d skipped\n", passed, failures, skipped
  }' "$log"
[ "$status" -eq 0 ]
