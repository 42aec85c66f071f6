#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job on real daemons: bash services/demo.sh [--keep]
#
# From a vaccination file to a verified certificate, through two municipalities, each step said in plain words with
# its result. Installs what it needs on Debian 12 (as root), builds the release preset, works in a temporary folder.
# --keep leaves the daemons running and says what to try next. The last line is "demo: OK".
set -euo pipefail
cd "$(dirname "$0")/.."
. services/setup.sh

keep=no
case ${1:-} in
  "") ;;
  --keep) keep=yes ;;
  --help) sed -n '4,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "services/demo.sh: $1 is not an option; see --help" >&2; exit 2 ;;
esac

step=0
doing="setting up"
issuer_pid=
vrxd_pid=
work=

say() { printf '    %s\n' "$*"; }
begin() {
  step=$((step + 1))
  doing="step $step: $1"
  printf '\n%d. %s\n' "$step" "$1"
}
stop_daemons() {
  for pid in $vrxd_pid $issuer_pid; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
  done
}
ended() {
  local status=$?
  if [ "$status" -ne 0 ]; then
    echo
    echo "demo: FAILED in $doing"
    [ -n "$work" ] && [ -s "$work/vrxd.log" ] && tail -n 5 "$work/vrxd.log"
    keep=no
  fi
  if [ "$keep" = no ]; then
    stop_daemons
    [ -n "$work" ] && rm -rf "$work"
  fi
  exit "$status"
}
trap ended EXIT

# refused REASON COMMAND…: the command must be refused, and for this reason.
refused() {
  local reason=$1 output
  shift
  if output=$("$@" 2>&1); then
    say "this should have been refused: $*"
    return 1
  fi
  if ! grep -q "$reason" <<<"$output"; then
    say "refused, but not with $reason:"
    printf '%s\n' "$output"
    return 1
  fi
  say "refused as it must be: $(grep -m1 -oE "$reason[^-]*" <<<"$output")"
}

# What an operator has in their pocket: the enrolment as the console showed it once.
secret_of() { sed -n 's/^secret .*鍵 *//p' "$1.enrolment" | tr -d ' '; }
code_of() { oathtool --totp --base32 "$(secret_of "$1")"; }
# enrol CONSOLE ID NAME ROLE…: an operator more.
enrol() {
  local console=$1 id=$2 name=$3 role roles=()
  shift 3
  for role in "$@"; do roles+=(--role "$role"); done
  at "$console" operator register --id "$id" --name "$name" "${roles[@]}" >"$id.enrolment"
}
# again TERMINAL ID CODE: a log-in with this code.
again() { printf '%s\n%s\n' "$(cat "$2.pin")" "$3" | at "$1" login --operator "$2"; }
# log_in TERMINAL ID: with the code of this moment; the first time the PIN is changed.
log_in() {
  local pin
  [ -e "$2.pin" ] || sed -n 's/^initial PIN .*号 *//p' "$2.enrolment" >"$2.pin"
  pin=$(cat "$2.pin")
  code_of "$2" >"$2.code"
  printf '%s\n%s\n' "$pin" "$(cat "$2.code")" | at "$1" login --operator "$2"
  if [ ${#pin} -eq 8 ]; then
    printf 'PIN of %s\n' "$2" | tr ' ' - >"$2.pin"
    printf '%s\n%s\n' "$pin" "$(cat "$2.pin")" | at "$1" pin change
  fi
}

echo "VRX: from a vaccination file to a verified certificate"
# shellcheck disable=SC2086
vrx_install $VRX_BUILD_PACKAGES oathtool
echo "building the release preset"
vrx_build release -DVRX_TESTS=OFF
vrx=$PWD/build/release/bin/vrx
work=$(mktemp -d)
chmod 700 "$work"
cd "$work"

begin "A platform: its PKI, a signed directory and permit table, and the two daemons"
$vrx pki platform-ca --out ca
$vrx pki server --ca ca --name DNS:localhost,IP:127.0.0.1 --out server
for terminal in platform sapporo-console sapporo-system sapporo-counter kashiwa-console kashiwa-counter; do
  $vrx pki terminal --ca ca --name "$terminal" --out "$terminal"
done
$vrx pki csca --name "VRX demo CSCA" --out csca
$vrx pki dsc --csca csca --name "VRX demo document signer" --out dsc
$vrx pki dsc --csca csca --name "VRX demo cards" --out shc
$vrx pki vds-signer --csca csca --name "VRX demo seals" --out vds
$vrx authority init --out authority
for municipality in 011002 122173; do
  $vrx custodian init --municipality "$municipality" --out "custodian-$municipality"
done
$vrx authority directory --authority authority --version 1 --days 365 --out directory.cbor \
  --municipality custodian-011002/keyring.cbor,札幌市,Sapporo --municipality custodian-122173/keyring.cbor,柏市,Kashiwa
$vrx authority permits --authority authority --version 1 --days 365 --table "$VRX_ROOT/services/permits.json" --out permits.cbor
$vrx pki trust-list --authority authority --version 1 --days 30 --csca csca/certificate.pem --signer dsc/certificate.pem \
  --shc-issuer https://vrx.example/shc --shc-keys shc/certificate.pem --out trust.cbor
say "certificates for the server, six terminals, a CSCA and a signer for each format; directory and permits are signed"

mkdir -m 700 state issuer
"$VRX_ROOT/build/release/bin/vrx-issuer" --socket issuer.sock --state issuer --directory directory.cbor \
  --authority-key authority/certificate.pem --certificate dsc/certificate.pem --key dsc/key.pem \
  --shc-issuer https://vrx.example/shc --shc-key shc/key.pem \
  --vds-certificate vds/certificate.pem --vds-key vds/key.pem --vds-csca csca/certificate.pem 2>issuer.log &
issuer_pid=$!
"$VRX_ROOT/build/release/bin/vrxd" --state state --listen 127.0.0.1:0 --certificate server/certificate.pem \
  --key server/key.pem --client-ca ca/certificate.pem --authority authority/certificate.pem \
  --directory directory.cbor --permits permits.cbor --issuer issuer.sock \
  --platform-terminal platform/certificate.pem >vrxd.out 2>vrxd.log &
vrxd_pid=$!
for _ in $(seq 100); do
  grep -q listening vrxd.out && [ -S issuer.sock ] && break
  sleep 0.1
done
port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' vrxd.out)
[ -n "$port" ]
say "vrx-issuer is process $issuer_pid, vrxd is process $vrxd_pid on port $port"

at() { # at TERMINAL COMMAND…: a command at one of the terminals
  local terminal=$1
  shift
  "$vrx" "$@" --server "localhost:$port" --terminal "$terminal"
}
id_of() { grep -oE '[0-9a-f]{32}' | head -n 1; }

begin "Two municipalities, each with its own custodian key; sealed, then unsealed"
at platform tenant create --keyring custodian-011002/keyring.cbor --console sapporo-console/certificate.pem
at platform tenant create --keyring custodian-122173/keyring.cbor --console kashiwa-console/certificate.pem
refused TENANT_SEALED at sapporo-console history --addressee 1
at sapporo-console unseal --custodian custodian-011002/custodian.pem --keyring custodian-011002/keyring.cbor --checkpoint sapporo.note
at kashiwa-console unseal --custodian custodian-122173/custodian.pem --keyring custodian-122173/keyring.cbor --checkpoint kashiwa.note

begin "People: the first administrator enrols and logs in, then the others"
refused SESSION_REQUIRED at sapporo-console terminal list
enrol sapporo-console sato "佐藤 管理" administrator key-custodian auditor
cat sato.enrolment
log_in sapporo-console sato
enrol sapporo-console suzuki "鈴木 窓口" registrar movers-desk certificate-clerk
enrol kashiwa-console takahashi "高橋 管理" administrator key-custodian auditor
log_in kashiwa-console takahashi
enrol kashiwa-console tanaka "田中 窓口" registrar movers-desk certificate-clerk
at sapporo-console terminal register --certificate sapporo-system/certificate.pem --kind health-system --label "健康管理システム"
at sapporo-console terminal register --certificate sapporo-counter/certificate.pem --kind counter --label "札幌窓口1"
at kashiwa-console terminal register --certificate kashiwa-counter/certificate.pem --kind counter --label "柏窓口1"
log_in sapporo-counter suzuki
log_in kashiwa-counter tanaka
refused LOGIN_REFUSED again kashiwa-counter tanaka "$(cat tanaka.code)"
at sapporo-console operator list
say "an administrator manages terminals and operators, and reads nobody's record:"
refused ROLE_MISSING at sapporo-console history --addressee 1
at platform status

begin "Sapporo's residents and doses, from files in CP932 with faulty rows"
"$VRX_ROOT/build/release/bin/vrx-make-town" --municipality 011002 --residents 10000 --seed 1 --out town >/dev/null
import_file() { # the report is long: its first and last lines
  at sapporo-system import "$1" "town/$1.csv" --errors "$1.errors" >"$1.report"
  head -n 5 "$1.report"
  say "..."
  tail -n 3 "$1.report"
}
import_file residents
import_file vaccinations
say "$(bash "$VRX_ROOT/tests/support/compare_faults.sh" town/expected.tsv residents.errors vaccinations.errors)"

begin "A resident moves to Kashiwa: identity check, consent, query, answer"
printf '123456789018\n' >number
printf '札幌 花子\n' >name
at kashiwa-counter resident register --addressee 500001 --name "$(cat name)" --kana "サッポロ ハナコ" \
  --birth-date 1985-04-01 --sex 2 --address "千葉県柏市柏五丁目10番1号" --number-file number
printf 'driving-licence\tD-1234567890\nnotification-card\tN-1\n' >documents
evidence=$(at kashiwa-counter evidence record --addressee 500001 --method notification-photo --documents-file documents --purpose mover | id_of)
printf 'signed form' >form.pdf
grant() {
  at kashiwa-counter consent grant --addressee 500001 --evidence "$evidence" --origin 011002 --item dose --item lot \
    --form-number F-2026-0001 --form form.pdf --days 30 | id_of
}
consent=$(grant)
ask() { # ask TERMINAL CONSENT EVIDENCE
  at "$1" transfer request --addressee 500001 --from 011002 --to 122173 ${2:+--consent "$2"} ${3:+--evidence "$3"} --item dose --item lot
}
query=$(ask kashiwa-counter "$consent" "$evidence" | id_of)
at kashiwa-counter transfer watch --query "$query"
at kashiwa-counter history --addressee 500001
say "and what is not lawful is refused, each with its own reason:"
at kashiwa-counter consent revoke --consent "$consent" >/dev/null
refused CONSENT_REVOKED ask kashiwa-counter "$consent" "$evidence"
refused EVIDENCE_MISSING ask kashiwa-counter "$(grant)" ""
refused TERMINAL_TENANT ask sapporo-counter "$consent" "$evidence"

begin "A certificate at Sapporo: application, issue, QR, and what a verifier says"
certificate_evidence() {
  at "$1" evidence record --addressee "$2" --method notification-photo --documents-file documents --purpose certificate | id_of
}
application=$(at sapporo-counter certificate apply --addressee 1 --evidence "$(certificate_evidence sapporo-counter 1)" \
  --surname SAPPORO --given-name HANAKO | id_of)
at sapporo-counter certificate issue --application "$application" --out certificate.txt --png certificate.png
$vrx verify certificate.png --trust-list trust.cbor --authority authority/certificate.pem
text=$(cat certificate.txt)
other=A
[ "${text:200:1}" = A ] && other=B
printf '%s' "${text:0:200}$other${text:201}" >changed.txt
refused DAMAGED "$vrx" verify changed.txt --trust-list trust.cbor --authority authority/certificate.pem
refused APPLICATION_MISSING at sapporo-counter certificate issue --application 00000000000000000000000000000000
refused APPLICATION_USED at sapporo-counter certificate issue --application "$application"
foreign=$(at kashiwa-counter certificate apply --addressee 500001 --evidence "$(certificate_evidence kashiwa-counter 500001)" \
  --surname SAPPORO --given-name HANAKO | id_of)
refused DOSE_FOREIGN at kashiwa-counter certificate issue --application "$foreign"

say "for travel: HCERT, SMART Health Card and VDS-NC, under one identifier:"
abroad=$(at sapporo-counter certificate apply --addressee 1 --evidence "$(certificate_evidence sapporo-counter 1)" \
  --kind travel --surname SAPPORO --given-name HANAKO --passport-number TR1234567 --nationality JPN | id_of)
at sapporo-counter certificate issue --application "$abroad" --out abroad.txt --png abroad.png --json >abroad.json
for format in hcert shc vds-nc; do
  $vrx verify "abroad-$format.png" --trust-list trust.cbor --authority authority/certificate.pem
done

begin "The audit ledgers: checkpoints, and a proof checked offline"
at sapporo-console audit checkpoint --out sapporo.note
cat sapporo.note
at kashiwa-console audit checkpoint --out kashiwa.note
cat kashiwa.note
at sapporo-console audit prove --index 20000 --out proof.json
$vrx audit verify proof.json --keyring custodian-011002/keyring.cbor

begin "Nothing readable on disk: a scan of every byte under the state folders"
scan() { "$VRX_ROOT/build/release/bin/vrx-find-text" "$1" state issuer; }
for text in 123456789018 "札幌 花子" "札幌　花子" "サッポロ ハナコ"; do
  scan "$text"
done
say "$(find state issuer -type f | wc -l) files, $(du -cb state issuer | tail -n 1 | cut -f 1) bytes: neither the number nor the name in any of them"
printf 'canary 123456789018' >state/canary
if scan 123456789018 >/dev/null; then
  say "the scan does not find what is there: it proves nothing"
  false
fi
rm state/canary
say "(and the scan does find a canary that is put there)"

doing="the end"
if [ "$keep" = yes ]; then
  printf '\nThe daemons are running. To try next, in %s:\n\n' "$work"
  cat <<TRY
  cd $work
  vrx=$vrx
  on() { t=\$1; shift; \$vrx "\$@" --server localhost:$port --terminal \$t; }
  on sapporo-counter history --addressee 2
  on sapporo-console audit entries --from 0 --count 10
  on sapporo-console operator list
  on sapporo-console seal
  on sapporo-console unseal --custodian custodian-011002/custodian.pem --keyring custodian-011002/keyring.cbor --checkpoint sapporo.note
  cat sato.pin; oathtool --totp --base32 $(secret_of sato)          # asked for by the next one
  on sapporo-console login --operator sato
  \$vrx --help

  kill $vrxd_pid $issuer_pid; rm -r $work    # when you are done

TRY
else
  stop_daemons
fi
echo "demo: OK"
