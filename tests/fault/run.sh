#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the proofs that CI runs small, again and again: bash tests/fault/run.sh [--hours N] [--list] [NAME…]
#
#   --hours N  as long as this (a fraction may be given); 0.05, three minutes, without it
#   --list     says what there is
#   NAME       only these; without one, all
#
# Builds the release and asan presets. Each round takes every proof in turn with a new seed and twice the count of
# the round before; the seeds are printed. The first failure ends the run with 1 and prints the command that repeats
# it. Where the time ends, the proof that is running is ended, which is no failure. Installs what it needs on Debian
# 12 (as root).
set -euo pipefail
cd "$(dirname "$0")/../.."
. services/setup.sh

# NAME|preset|the least count, of its variable|command
proofs='crash|release|VRX_FAULT_COUNT=2000|tests/test_crash__fault_vaultfs
crash-asan|asan|VRX_FAULT_COUNT=500|tests/test_crash__fault_vaultfs
differential|release|VRX_FAULT_COUNT=50000|tests/test_differential__unit_vaultfs
differential-asan|asan|VRX_FAULT_COUNT=10000|tests/test_differential__unit_vaultfs
tamper|release||tests/test_tamper__fault_vaultfs
io|release||tests/test_io__fault_vaultfs
memory-asan|asan||tests/test_memory__fault_vaultfs
store-memory-asan|asan|VRX_FAULT_STRIDE=29|tests/test_memory__fault_store
grpc-memory-asan|asan||tests/test_memory__fault_grpc
signer-memory-asan|asan||tests/test_memory__fault_signer
signer-disk|release||tests/test_disk__fault_signer
actor|release|VRX_FAULT_STRIDE=7|tests/test_batch__fault_actor
simulation|release|VRX_FAULT_COUNT=10000|tests/test_simulation__fault_exchange
simulation-asan|asan|VRX_FAULT_COUNT=1000|tests/test_simulation__fault_exchange
kills|release|VRX_KILLS=100|bash tests/fault/daemon/kills.sh
kills-asan|asan|VRX_KILLS=20|bash tests/fault/daemon/kills.sh
timing|release|VRX_FAULT_COUNT=6000|tests/test_timing__fault_exchange
timing-wire|release|VRX_FAULT_COUNT=1000|node --test --test-reporter=tap tests/fault/exchange/timing.test.mjs
login|release|VRX_FAULT_COUNT=1000|node --test --test-reporter=tap tests/fault/login/timing.test.mjs
kill_issuer|release|VRX_KILLS=1|tests/test_issuer_kills__system_issuer
kill_import|release|VRX_KILLS=5|node --test --test-reporter=tap tests/system/kill_import.test.mjs
kill_transfer|release|VRX_KILLS=5|node --test --test-reporter=tap tests/system/kill_transfer.test.mjs
soak-asan|asan|VRX_SOAK_SECONDS=60|node --test --test-reporter=tap tests/system/soak.test.mjs'

hours=0.05
names=()
while [ $# -gt 0 ]; do
  case $1 in
    --hours) hours=$2; shift 2 ;;
    --list) cut -d'|' -f1 <<<"$proofs"; exit 0 ;;
    --help) sed -n '4,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) grep -q "^$1|" <<<"$proofs" || { echo "tests/fault/run.sh: no $1; see --list" >&2; exit 2; }
       names+=("$1"); shift ;;
  esac
done
seconds=$(awk -v hours="$hours" 'BEGIN { if (hours + 0 <= 0) exit 1; printf "%d", hours * 3600 }') ||
  { echo "tests/fault/run.sh: --hours $hours is no time" >&2; exit 2; }
if [ ${#names[@]} -gt 0 ]; then
  proofs=$(grep -E "^($(IFS='|'; echo "${names[*]}"))\|" <<<"$proofs")
fi

packages="$VRX_BUILD_PACKAGES libcmocka-dev softhsm2 clang libclang-rt-14-dev llvm"
command -v node >/dev/null && command -v npm >/dev/null || packages="$packages nodejs npm"
# shellcheck disable=SC2086
vrx_install $packages
export VRX_VECTORS=${VRX_VECTORS:-$(realpath -m ../shared/vectors)}
export VRX_DATA=${VRX_DATA:-$(realpath -m ../shared/data)}
for preset in release asan; do
  if grep -q "|$preset|" <<<"$proofs"; then
    echo "building ($preset)"
    vrx_build "$preset" -DVRX_TESTS=ON
  fi
done
if grep -q '|node ' <<<"$proofs"; then
  (cd tests/system && npm ci --no-audit --no-fund --ignore-scripts >/dev/null)
fi

# What a proof leaves behind that the clock or a failure ended. A daemon that it had started may end a moment later
# than it did.
log=$(mktemp)
parent=/tmp
[ -w /dev/shm ] && parent=/dev/shm # syncs cost nothing there
scratch=$(mktemp -d "$parent/vrx-fault-XXXXXX")
TMPDIR=$(mktemp -d)
export VRX_FAULT_FOLDER=$scratch TMPDIR
finish() {
  rm -f "$log"
  until rm -rf "$scratch" "$TMPDIR"; do sleep 0.1; done
}
trap finish EXIT
start=$(date +%s)
end=$((start + seconds))
runs=0
counted=

# A stride is made smaller, to one; every other count doubles with the round.
count_in() {
  local variable=${1%%=*} count=${1##*=} round=$2
  case $1 in
    '') return ;;
    VRX_FAULT_STRIDE=*) count=$((count >> (round < 5 ? round : 5))); [ "$count" -gt 0 ] || count=1 ;;
    *) count=$((count << (round < 12 ? round : 12))) ;;
  esac
  echo "$variable=$count"
}

for ((round = 0; $(date +%s) < end; round++)); do
  while IFS='|' read -r name preset least command; do
    left=$((end - $(date +%s)))
    [ "$left" -gt 0 ] || break
    seed=$((1 + (RANDOM << 15 | RANDOM)))
    count=$(count_in "$least" "$round")
    case $command in
      tests/*) run="build/$preset/$command" ;;
      bash*) run="$command build/$preset" ;;
      *) run="$command" ;;
    esac
    again="VRX_FAULT_SEED=$seed VRX_SEED=$seed VRX_BUILD=$PWD/build/$preset${count:+ $count} $run"
    began=$(date +%s)
    status=0
    # shellcheck disable=SC2086
    env VRX_FAULT_SEED=$seed VRX_SEED=$seed VRX_BUILD="$PWD/build/$preset" $count \
      timeout --kill-after=30 "$left" $run >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -eq 124 ]; then
      echo "$(date -u +%H:%M:%S) round $round  $name  seed $seed  ${count:-whole}  ended by the clock"
      break
    fi
    if [ "$status" -ne 0 ]; then
      tail -n 60 "$log"
      printf 'FAILED after %d runs: %s\nagain:\n  %s\n' "$runs" "$name" "$again"
      exit 1
    fi
    runs=$((runs + 1))
    counted="$counted$name ${count:-whole}"$'\n'
    echo "$(date -u +%H:%M:%S) round $round  $name  seed $seed  ${count:-whole}  $(($(date +%s) - began)) s"
  done <<<"$proofs"
done

echo "totals:"
awk 'NF { split($2, part, "="); runs[$1]++; if (part[1] ~ /COUNT|KILLS/) total[$1] += part[2] }
  END { for (name in runs) printf "  %-18s %d runs%s\n", name, runs[name], total[name] ? ", " total[name] " in all" : "" }
  ' <<<"${counted%$'\n'}" | sort
echo "$runs runs passed, 0 failed, in $(($(date +%s) - start)) s"
[ "$runs" -gt 0 ]
