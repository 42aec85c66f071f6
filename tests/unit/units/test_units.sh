#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# systemd takes the unit files as they are, and finds them about as closed as a unit can be. $1: the build folder, whose
# programs stand in for the installed ones. Ends with 77, which ctest counts as skipped, where there is no systemd.
set -eu
cd "$(dirname "$0")/../../.."
command -v systemd-analyze >/dev/null || { echo "no systemd-analyze on this machine"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
for unit in services/vrxd/vrxd.service cert-issuer/vrx-issuer/vrx-issuer.service; do
  name=$(basename "$unit")
  sed "s|/usr/sbin/|$1/bin/|" "$unit" >"$folder/$name"
done
cp services/vrxd/vrx.target "$folder"
for unit in "$folder"/*.service "$folder"/*.target; do
  said=$(systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1) || status=1
  [ -z "$said" ] || { echo "$said"; status=1; }
  case $unit in *.target) continue ;; esac
  # 10 is open, 0 is closed; the network is the daemon's work, so it cannot be much less.
  systemd-analyze security --offline=yes --threshold=20 "$unit" >"$folder/security" 2>&1 ||
    { tail -n 1 "$folder/security"; status=1; }
done
# And it does refuse.
sed 's/^Type=notify/Type=nothing/; s/^ProtectSystem=strict/ProtectSystem=perhaps/' "$folder/vrxd.service" >"$folder/wrong.service"
if [ -z "$(systemd-analyze verify --man=no --recursive-errors=no "$folder/wrong.service" 2>&1)" ]; then
  echo "a wrong unit was accepted"
  status=1
fi
# The target asks for units that are there.
for wanted in $(sed -n 's/^Wants=//p' "$folder/vrx.target"); do
  [ -e "$folder/$wanted" ] || { echo "vrx.target wants $wanted, which is not there"; status=1; }
  grep -q '^WantedBy=vrx.target$' "$folder/$wanted" || { echo "$wanted is not part of vrx.target"; status=1; }
done
[ "$status" -eq 0 ] && echo "the units are accepted"
exit "$status"
