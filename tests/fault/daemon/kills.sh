#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes a municipality as its users would, and a keyring of the same keys for another custodian, and runs kill_loop
# (kill_loop.c) on it, with a daemon that asks for nobody who is logged in (tests/support/unattended.c):
# bash kills.sh BUILD. VRX_KEEP=1 keeps the folder.
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../../..")
parent=/tmp
[ -w /dev/shm ] && parent=/dev/shm # syncs cost nothing there
folder=$(mktemp -d "${VRX_FAULT_FOLDER:-$parent}/vrx-kills-XXXXXX")
daemon=
finish() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  if [ -n "${VRX_KEEP:-}" ]; then echo "kept: $folder" >&2; else rm -rf "$folder"; fi
}
trap finish EXIT
cd "$folder"

vrx() { "$build/bin/vrx" "$@" >vrx.log 2>&1 || { cat vrx.log >&2; return 1; }; }
vrx pki platform-ca --out ca
vrx pki server --ca ca --name DNS:localhost,IP:127.0.0.1 --out server
for terminal in platform console counter; do vrx pki terminal --ca ca --name "$terminal" --out "$terminal"; done
vrx authority init --out authority
vrx custodian init --municipality 011002 --out custodian
vrx custodian key --out next.pem
vrx custodian public --custodian next.pem
cp vrx.log next.pub
vrx custodian rotate --custodian custodian/custodian.pem --keyring custodian/keyring.cbor --custodian-key next.pub \
  --threshold 1 --out next.cbor
vrx authority directory --authority authority --version 1 --days 30 --out directory.cbor \
  --municipality custodian/keyring.cbor,札幌市,Sapporo
vrx authority permits --authority authority --version 1 --days 30 --table "$source/services/permits.json" \
  --out permits.cbor
mkdir -m 700 state

"$build/bin/vrxd-unattended" --state state --listen 127.0.0.1:0 --certificate server/certificate.pem --key server/key.pem \
  --client-ca ca/certificate.pem --authority authority/certificate.pem --directory directory.cbor \
  --permits permits.cbor --issuer issuer.sock --platform-terminal platform/certificate.pem >said 2>vrxd.log &
daemon=$!
until grep -q listening said; do kill -0 "$daemon"; sleep 0.05; done
at() { local terminal=$1; shift; vrx "$@" --server "localhost:$(sed -n 's/.*://p' said)" --terminal "$terminal"; }
at platform tenant create --keyring custodian/keyring.cbor --console console/certificate.pem
at console unseal --custodian custodian/custodian.pem --keyring custodian/keyring.cbor --checkpoint checkpoint.note \
  --operator kills
at console terminal register --certificate counter/certificate.pem --kind counter --label 窓口 --operator kills
kill "$daemon"
wait "$daemon"
daemon=

"$build/tests/kill_loop" "$build/bin/vrxd-unattended" "$build/tests/support/libvrx_kill_at_sync.so" "$build/bin"
echo "[  PASSED  ] 1 test(s)."
