#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints docs/rooms.md from the link lines of the CMakeLists.txt of each room:
#
#     sh docs/make-rooms.sh > docs/rooms.md
#
# tests/unit/docs/test_generated.sh fails where the file is not what this prints.
set -eu
cd "$(dirname "$0")/.."

cat <<'HEAD'
# Rooms and what they may know

A room is a folder and a CMake target. Its link line names the rooms it may know, and it reaches what those
know. What a room uses without being allowed to does not link in its own tests, which link nothing else.

Made by `docs/make-rooms.sh` from the `CMakeLists.txt` files; do not edit.
HEAD

find proto tenants cert-issuer services -name CMakeLists.txt | sort | while read -r file; do
  # One statement a line; "vrx_library(NAME ROOT known…)" and "vrx_program(NAME known…)" link what they name.
  sed 's/#.*//' "$file" | tr '\n' ' ' | sed 's/)/)\n/g' | sed -n \
    -e "s|^ *vrx_library(\([a-z0-9_]*\) *[a-z-]* *\([^)]*\)).*|$file \1 \2|p" \
    -e "s|^ *vrx_protobuf(\([a-z_]*\) .*|$file \1 PkgConfig::PROTOBUFC|p" \
    -e "s|^ *vrx_program(\([a-z_-]*\) *\([^)]*\)).*|$file \1 \2|p" \
    -e "s|^ *target_link_libraries(\([a-z0-9_-]*\) *\([^)]*\)).*|$file \1 \2|p"
done | awk '
  BEGIN {
    outside["CRYPTO"] = "OpenSSL libcrypto"; outside["SSL"] = "OpenSSL libssl"; outside["CONFUSE"] = "libconfuse"; outside["SQLITE"] = "SQLite"
    outside["CBOR"] = "libcbor"; outside["NGHTTP2"] = "nghttp2"; outside["PROTOBUFC"] = "protobuf-c"
    outside["EVENT"] = "libevent"; outside["EVENT_HTTP"] = "libevent (HTTP)"; outside["QRENCODE"] = "libqrencode"; outside["PNG"] = "libpng"
    outside["CAIRO"] = "cairo"; outside["FREETYPE"] = "FreeType"; outside["JPEG"] = "libjpeg-turbo"
    outside["ZBAR"] = "zbar"; outside["JANSSON"] = "jansson"; outside["ZLIB"] = "zlib"; outside["DEFLATE"] = "libdeflate"
    outside["SECCOMP"] = "libseccomp"; outside["ARGON2"] = "libargon2"; outside["OATH"] = "liboath"
  }
  {
    at = $1
    sub(/\/CMakeLists.txt$/, "", at)
    if (!(at in seen)) room[++count] = at
    seen[at] = 1
    room_of[$2] = at
    for (i = 3; i <= NF; i++)
      if ($i !~ /^(PRIVATE|PUBLIC|vrx_warnings|[$]{CMAKE_DL_LIBS})$/) links[at] = links[at] " " $i
  }
  # The rooms and the libraries of a link line; a room with a library and a program links itself.
  function read_links(at,   part, n, i, name) {
    n = split(links[at], part, " ")
    for (i = 1; i <= n; i++) {
      name = part[i]
      if (name == "Threads::Threads") libraries[at] = libraries[at] ", POSIX threads"
      else if (name ~ /^PkgConfig::/) libraries[at] = libraries[at] ", " outside[substr(name, 12)]
      else if (room_of[name] != at) knows[at] = knows[at] " " room_of[name]
    }
    sub(/^, /, "", libraries[at])
    sub(/^ /, "", knows[at])
  }
  # Of the rooms that it may know, those of its own top folder are printed.
  function ready(at, folder,   part, n, i) {
    n = split(knows[at], part, " ")
    for (i = 1; i <= n; i++)
      if (index(part[i], folder) == 1 && !(part[i] in printed)) return 0
    return 1
  }
  function row(at,   list) {
    list = knows[at]
    gsub(/ /, ", ", list)
    printf "| `%s` | %s | %s |\n", at, list, libraries[at]
    printed[at] = 1
  }
  END {
    for (i = 1; i <= count; i++) read_links(room[i])
    groups = split("proto/ tenants/ cert-issuer/ services/", folder, " ")
    for (g = 1; g <= groups; g++) {
      printf "\n## %s\n\n| room | may know | libraries outside |\n|---|---|---|\n", folder[g]
      for (again = 1; again;) {
        again = 0
        for (i = 1; i <= count; i++)
          if (!(room[i] in printed) && index(room[i], folder[g]) == 1 && ready(room[i], folder[g])) {
            row(room[i])
            again = 1
          }
      }
    }
  }'
