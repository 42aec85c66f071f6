#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What docs/ says is what the sources say: files that are made from them are up to date, and what a page names in
# the tree is there.
set -u
cd "$(dirname "$0")/../../.."
passed=0
failed=0

verdict() { # verdict TEXT STATUS
  if [ "$2" -eq 0 ]; then
    echo "[       OK ] $1"
    passed=$((passed + 1))
  else
    echo "[  FAILED  ] $1"
    failed=$((failed + 1))
  fi
}

for page in reasons rooms; do
  sh "docs/make-$page.sh" | diff -u "docs/$page.md" - >&2
  verdict "docs/$page.md is what docs/make-$page.sh prints" $?
done

rows=$(grep -c '^VRX_REASON(' proto/base/reasons.def)
[ "$(grep -c '^| `[A-Z_]*` | [0-9]* | [A-Z_]* | [A-Z]* | ..* | ..* |$' docs/reasons.md)" -eq "$rows" ]
verdict "every one of $rows reasons has its whole row" $?

# A path with a slash in back-quotes, or the target of a link, is a file or a folder of the tree.
for page in README.md docs/*.md; do
  missing=$({
    grep -o '`[a-z.-]*/[A-Za-z0-9_./-]*`' "$page" | tr -d '`' | grep -E '^(\.ci|cert-issuer|docs|proto|services|tenants|tests)/'
    grep -oE '\]\([^)#]+' "$page" | cut -c 3- | grep -v '^https\?:' | sed "s|^|$(dirname "$page")/|"
  } | sort -u | while read -r path; do
    [ -e "$path" ] || printf ' %s' "$path"
  done)
  [ -s "$page" ] && [ -z "$missing" ]
  verdict "$page names what is there${missing:+, but not:}$missing" $?
done

missing=
for rpc in $(sed -n 's/^  rpc \([A-Za-z]*\)(.*/\1/p' proto/vrx/v1/*.proto proto/grpc/*/v1/*.proto); do
  grep -q "\`$rpc\`" docs/protocol.md || missing="$missing $rpc"
done
[ -z "$missing" ]
verdict "docs/protocol.md names every method${missing:+, but not:}$missing" $?

echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] && exit 0
echo "[  FAILED  ] $failed test(s)."
exit 1
