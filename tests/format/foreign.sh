#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sh tests/format/foreign.sh <build directory> [architecture...]
# The bytes at rest on other kinds of machines: i386, where a size has 32 bits, and s390x, which is big-endian (under
# qemu-user). Each opens the frozen vectors and runs the tests of suites, streams, derivations, indexes and key
# files; what it seals opens here, and what is sealed here opens there. libsodium comes from the distribution and is unpacked
# beside, not installed. Needs apt, Catch2 2 (its headers) and g++-12-<architecture>; 77 when one of them is missing.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
build=$(cd "$1" && pwd)
shift
[ $# -ne 0 ] || set -- i386 s390x
tests='crypto/blind_index crypto/random crypto/stream crypto/suite data/worked_example keys/frozen keys/key_file'
vectors=$root/tests/vectors

# fetch <architecture> <directory>: its libsodium, and the headers that are the same everywhere
fetch() {
  [ -e "$2/usr/include/sodium.h" ] && return 0
  lists=$2/apt
  mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
  : >"$lists/status"
  with="-q -o APT::Architecture=$1 -o APT::Architectures=$1 -o Dir::State::Lists=$lists/lists -o APT::Sandbox::User=root
    -o Dir::State::status=$lists/status -o Dir::Cache=$lists/cache"
  # A list that is being mirrored just now fails; the package may stand in another one.
  # shellcheck disable=SC2086
  if ! { apt-get $with update || true; cd "$lists" && apt-get $with download libsodium-dev; } >"$lists/log" 2>&1; then
    echo "custody: not run: no libsodium for $1 could be fetched; see $lists/log" >&2
    exit 77
  fi
  cd "$root"
  for package in "$lists"/*.deb; do dpkg-deb -x "$package" "$2"; done
  for headers in nlohmann catch2; do ln -sfn "/usr/include/$headers" "$2/usr/include/$headers"; done
}

# compile <directory> <library or -lsodium> <compiler...>: the programs `books` and `tests`
compile() {
  to=$1 library=$2
  shift 2
  printf '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n' >"$to/main.cpp"
  {
    printf '%s\n' "$to/main.o" "$to/main.cpp" "$to/books.o" "$root/tests/format/books.cpp"
    for test in $tests; do printf '%s\n' "$to/test-$(basename "$test").o" "$root/tests/${test}_test.cpp"; done
  } | xargs -n 2 -P "$(nproc)" "$@" -std=c++20 -O1 -c -I"$root/include" -I"$root/tests" -I"$root/tests/support" -o
  "$@" -o "$to/books" "$to/books.o" "$library"
  "$@" -o "$to/tests" "$to/main.o" "$to"/test-*.o "$library"
}

[ -e /usr/include/catch2/catch.hpp ] || { echo "custody: not run: no headers of Catch2 2" >&2; exit 77; }
mkdir -p "$build/native"
g++-12 -std=c++20 -O1 -I"$root/include" -I"$root/tests" -I"$root/tests/support" -o "$build/native/books" \
  "$root/tests/format/books.cpp" -lsodium
"$build/native/books" write "$build/native/sealed.json"
for architecture; do
  case $architecture in
    i386) compiler=i686-linux-gnu-g++-12 emulator= ;;
    *) compiler=$architecture-linux-gnu-g++-12 emulator=qemu-$architecture ;;
  esac
  for program in $compiler $emulator; do
    command -v "$program" >/dev/null || { echo "custody: not run: no $program" >&2; exit 77; }
  done
  to=$build/$architecture
  fetch "$architecture" "$to/root"
  compile "$to" "$(find "$to/root/usr/lib" -name libsodium.a)" "$compiler" -static -isystem "$to/root/usr/include"
  echo "custody: $architecture"
  # A kernel without 32-bit programs does not run them: 126.
  [ -n "$emulator" ] || { status=0; "$to/books" >/dev/null 2>&1 || status=$?; [ "$status" -lt 126 ] || emulator=qemu-i386; }
  $emulator "$to/books" open "$vectors/envelopes-1.json" "$vectors/envelopes-2.json" "$build/native/sealed.json"
  $emulator "$to/books" write "$to/sealed.json"
  "$build/native/books" open "$to/sealed.json"
  $emulator "$to/tests" '~[longer]~[fork]'
done
