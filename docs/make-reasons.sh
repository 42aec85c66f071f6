#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints docs/reasons.md from proto/base/reasons.def and the two tables of services/grpc/status.c:
#
#     sh docs/make-reasons.sh > docs/reasons.md
#
# tests/unit/docs/test_generated.sh fails where the file is not what this prints.
set -eu
cd "$(dirname "$0")/.."

cat <<'HEAD'
# Reasons

Every refusal of VRX has one of these reasons. They are append-only: a name and a number keep their
meaning. How a reason arrives at a caller is in [protocol.md](protocol.md#refusals).

Retry says what the caller may do: `NEVER` (this request will not be answered), `CORRECTED` (after
something was corrected), `LATER` (unchanged, after a wait), `NOW` (unchanged, at once).

Made by `docs/make-reasons.sh`; do not edit.
HEAD

awk -F'"' '
  FNR == NR {
    if (match($0, /\[VRX_CATEGORY_[A-Z]+\] = VRX_GRPC_[A-Z_]+/)) {
      split(substr($0, RSTART, RLENGTH), part, /\] = VRX_GRPC_/)
      status[substr(part[1], length("[VRX_CATEGORY_") + 1)] = part[2]
    } else if (match($0, /\{VRX_[A-Z_]+, VRX_GRPC_[A-Z_]+\}/)) {
      split(substr($0, RSTART + 1, RLENGTH - 2), part, /, VRX_GRPC_/)
      exception[substr(part[1], length("VRX_") + 1)] = part[2]
    }
    next
  }
  /^\/\* [A-Z]+: .* \*\/$/ {
    heading = $0
    gsub(/^\/\* | \*\/$/, "", heading)
    printf "\n## %s\n\n", heading
    print "| reason | number | gRPC status | retry | when it occurs | 内容 |"
    print "|---|---|---|---|---|---|"
  }
  /^VRX_REASON\(/ {
    split($1, field, /[(,] */)
    name = field[2]
    code = name in exception ? exception[name] : status[field[4]]
    printf "| `%s` | %s | %s | %s | %s | %s |\n", name, field[3], code, field[5], $2, $4
  }' services/grpc/status.c proto/base/reasons.def
