#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures: bash tests/bench/run.sh vault [--full [--doses N]] [--write]
#           bash tests/bench/run.sh wire [--full] [--write]
#           bash tests/bench/run.sh exchange [--full] [--write]
#           bash tests/bench/run.sh issuer [--full] [--write]
#           bash tests/bench/run.sh tenants|wiping|hostile [--full]
#
#   --full     the large run: a million residents, 10^7 doses, 1,741 open tenants, 14 GiB in TMPDIR,
#              about 20 minutes; without it a bounded one of about two. --doses 2000000 leaves out the
#              largest, which is also left out where there is no room, and cut short after 12 minutes
#              Of wire: a million residents in place of 100,000, about 13 minutes in place of four
#              Of exchange: 20,000 transfers in place of 3,000, about four minutes in place of one
#              Of issuer: 41 rounds in place of 15, 2,000 certificates in place of 400
#   --write    also writes docs/performance-vault.svg, of wire docs/performance-wire.svg, of exchange and
#              issuer the tables in docs/performance.md
#
# Builds a hardened release. Data lies in TMPDIR (/tmp), which should be on the disk that is meant.
set -euo pipefail
cd "$(dirname "$0")/../.."
. services/setup.sh

what=${1:-}
case $what in
  vault | wire | exchange | issuer | tenants | wiping | hostile) shift ;;
  --help) sed -n '4,19s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "tests/bench/run.sh: what to measure? see --help" >&2; exit 2 ;;
esac
packages="$VRX_BUILD_PACKAGES libcmocka-dev"
command -v node >/dev/null && command -v npm >/dev/null || packages="$packages nodejs npm"
# shellcheck disable=SC2086
vrx_install $packages

# What the vault is measured beside: SQLCipher as Debian has it; SQLite3MultipleCiphers' source out of an npm package.
mc_version=13.0.3
mc=
bring_peers() {
  vrx_install libsqlcipher-dev || echo "note SQLCipher could not be installed"
  local folder=build/peers/multiple-ciphers-$mc_version
  if [ ! -e "$folder/package/deps/sqlite3/sqlite3.c" ]; then
    mkdir -p "$folder"
    (cd "$folder" && npm pack --silent "better-sqlite3-multiple-ciphers@$mc_version" && tar xzf ./*.tgz) >/dev/null ||
      { echo "note SQLite3MultipleCiphers could not be fetched"; return 0; }
  fi
  mc=$PWD/$folder/package/deps/sqlite3
}
[ "$what" = vault ] && bring_peers

# What the wire is measured beside, from Debian; gRPC's peer is compiled here, for it is C++.
bring_wire_peers() {
  # Debian would make and start a cluster of its own.
  [ -e /etc/postgresql-common/createcluster.conf ] || [ ! -w /etc ] ||
    { mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf; }
  vrx_install nghttp2-server nghttp2-client g++ libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc postgresql-15 openssl
  local made=build/release/bench/wire from=tests/bench/wire
  mkdir -p "$made"
  protoc -I "$from" --cpp_out="$made" --grpc_out="$made" --plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin echo.proto
  # shellcheck disable=SC2046
  [ "$made/grpc_echo" -nt "$from/grpc_echo.cc" ] ||
    g++ -O2 -I "$made" "$from/grpc_echo.cc" "$made"/echo*.cc $(pkg-config --cflags --libs grpc++ protobuf) -o "$made/grpc_echo"
}
[ "$what" = wire ] && bring_wire_peers
# What a certificate is measured beside, from npm.
cose_peers=build/peers/cose
bring_cose_peers() {
  mkdir -p "$cose_peers"
  [ -e "$cose_peers/package.json" ] || echo '{ "private": true }' >"$cose_peers/package.json"
  (cd "$cose_peers" && npm install --no-audit --no-fund --ignore-scripts @auth0/cose@1.0.2 cose-kit@1.7.1 cbor-x@1.6.8 >/dev/null)
}
[ "$what" = issuer ] && bring_cose_peers
# The client that makes a world for the daemon to be measured in.
bring_client() { (cd tests/system && npm ci --no-audit --no-fund --ignore-scripts >/dev/null); }
cmake --preset release -DVRX_TESTS=ON -DVRX_SQLITE3MC="$mc" >/dev/null
case $what in
  vault)
    cmake --build --preset release --target vrx_bench vrx_bench_peers >/dev/null
    exec node tests/bench/vault.mjs build/release/bench "$@"
    ;;
  wire)
    cmake --build --preset release --target vrx_bench_wire >/dev/null
    bring_client
    VRX_BUILD=$PWD/build/release exec node tests/bench/wire.mjs build/release/bench/wire "$@"
    ;;
  exchange)
    cmake --build --preset release --target vrx_bench_exchange >/dev/null
    bring_client
    VRX_BUILD=$PWD/build/release exec node tests/bench/exchange.mjs build/release/bench "$@"
    ;;
  issuer)
    cmake --build --preset release --target vrx_bench_issuer >/dev/null
    bring_client
    VRX_BUILD=$PWD/build/release exec node tests/bench/issuer.mjs build/release/bench "$cose_peers" "$@"
    ;;
  tenants)
    cmake --build --preset release --target vrx_bench_tenants >/dev/null
    VRX_BUILD=$PWD/build/release exec node tests/bench/tenants.mjs "$@"
    ;;
  hostile)
    cmake --build --preset release >/dev/null
    bring_client
    VRX_BUILD=$PWD/build/release exec node tests/bench/hostile.mjs "$@"
    ;;
  wiping)
    cmake --build --preset release --target vrx_bench_wiping >/dev/null
    VRX_BUILD=$PWD/build/release exec node tests/bench/wiping.mjs "$@"
    ;;
esac
