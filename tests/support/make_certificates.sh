#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes tests/fuzz/seeds/certificate with the openssl command: certificates that others might send,
# sound and unsound, for the unit tests of certificate.c and as seeds. Keys are thrown away. Run again
# only to add one; every file changes then.
set -eu
out=$(cd "$(dirname "$0")/../fuzz/seeds/certificate" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

ec() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$1" -out "$2" 2>/dev/null; }
ec P-256 ca.key
ec P-256 leaf.key
ec P-256 stranger.key
ec P-384 p384.key
ec brainpoolP256r1 brainpool.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
openssl genpkey -algorithm ed25519 -out ed25519.key

# self NAME KEY SUBJECT EXTENSIONS…: one line of EXTENSIONS each
self() {
    name=$1 key=$2 subject=$3
    shift 3
    { printf '[req]\ndistinguished_name=dn\n[dn]\n[x]\n'; printf '%s\n' "$@"; } >conf
    openssl req -x509 -new -key "$key" -subj "$subject" -utf8 -days 3650 -config conf -extensions x \
        -outform DER -out "$out/$name.der"
}
# child NAME KEY SUBJECT OPTIONS EXTENSIONS…: signed by ca.der
child() {
    name=$1 key=$2 subject=$3 options=$4
    shift 4
    printf '[req]\ndistinguished_name=dn\n[dn]\n' >conf
    { printf '[x]\n'; printf '%s\n' "$@"; } >ext
    openssl req -new -key "$key" -subj "$subject" -utf8 -config conf -out csr
    # shellcheck disable=SC2086
    openssl x509 -req -in csr -CA "$out/ca.der" -CAkey ca.key -days 365 $options \
        -extfile ext -extensions x -outform DER -out "$out/$name.der" 2>/dev/null
}

basic='basicConstraints=critical,CA:TRUE,pathlen:0'
usage='keyUsage=critical,keyCertSign,cRLSign'
ski='subjectKeyIdentifier=hash'
aki='authorityKeyIdentifier=keyid:always'
signs='keyUsage=critical,digitalSignature'

self ca ca.key '/C=JP/CN=Sample CA' "$basic" "$usage" "$ski"
self ca-no-cert-sign ca.key '/C=JP/CN=Sample CA' "$basic" 'keyUsage=critical,cRLSign' "$ski"
self ca-false ca.key '/C=JP/CN=Sample CA' 'basicConstraints=critical,CA:FALSE' "$ski"
self ca-constrained ca.key '/C=JP/CN=Sample CA' "$basic" "$usage" "$ski" \
    'nameConstraints=critical,permitted;DNS:example.jp'
self ca-other-id ca.key '/C=JP/CN=Sample CA' "$basic" "$usage" 'subjectKeyIdentifier=00112233'
self ca-other-name ca.key '/C=JP/CN=Another CA' "$basic" "$usage" "$ski"
self ca-other-key stranger.key '/C=JP/CN=Sample CA' "$basic" "$usage" 'subjectKeyIdentifier=none'
self rsa rsa.key '/CN=RSA' "$basic" "$usage" "$ski"
openssl req -x509 -new -key rsa.key -subj /CN=RSA -sigopt rsa_padding_mode:pss -sigopt \
    rsa_pss_saltlen:32 -config conf -extensions x -days 365 -outform DER -out "$out/rsa-pss.der"
self ed25519 ed25519.key '/CN=Ed25519' "$basic" "$usage" "$ski"
self p384 p384.key '/CN=P-384' "$basic" "$usage" "$ski"
self brainpool brainpool.key '/CN=Brainpool' "$basic"
self critical-unknown leaf.key '/CN=Unknown' '1.2.3.4=critical,ASN1:NULL'
# The command writes no extension twice, so a stranger's identifier becomes that of keyUsage.
self duplicate-extension leaf.key '/CN=Duplicate' "$signs" '2.5.29.99=DER:03020780'
perl -pi -e 's/\x55\x1d\x63/\x55\x1d\x0f/' "$out/duplicate-extension.der"

child leaf leaf.key '/C=JP/O=札幌市/CN=窓口端末 1' -sha256 "$signs" \
    'extendedKeyUsage=clientAuth,1.2.392.1.2.3' "$ski" "$aki"
child leaf-sha1 leaf.key '/CN=SHA-1' -sha1 "$signs" "$aki"
child leaf-bare leaf.key '/O=No common name' -sha256 'basicConstraints=CA:FALSE'
child leaf-encipherment leaf.key '/CN=May not sign' -sha256 'keyUsage=keyEncipherment' "$aki"
child sub-ca leaf.key '/CN=Third tier' -sha256 "$basic" "$usage" "$aki"
openssl x509 -req -in csr -CA "$out/ca.der" -CAkey ca.key -days 365 -outform DER \
    -out "$out/version-1.der" 2>/dev/null
