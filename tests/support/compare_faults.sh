#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# compare_faults.sh EXPECTED.tsv RESIDENTS.errors VACCINATIONS.errors: every fault that vrx-make-town put into its
# files was reported by `vrx import --errors`, at its line, field, dose and reason, and nothing else was.
set -euo pipefail
expected=$(mktemp)
reported=$(mktemp)
trap 'rm -f "$expected" "$reported"' EXIT
awk -F'\t' '!/^#/ { print $1 "\t" $2 "\t" $3 "\t" $5 "\t" $4 }' "$1" | sort >"$expected"
{
  awk -F'\t' 'NR > 1 { print "residents.csv\t" $1 "\t" $3 "\t" $4 "\t" $5 }' "$2"
  awk -F'\t' 'NR > 1 { print "vaccinations.csv\t" $1 "\t" $3 "\t" $4 "\t" $5 }' "$3"
} | sort >"$reported"
if ! diff "$expected" "$reported"; then
  echo "the reported faults are not those that were put into the files" >&2
  exit 1
fi
echo "every one of the $(wc -l <"$expected") faults is reported at its line and field, and nothing else"
