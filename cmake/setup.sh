#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sh cmake/setup.sh main|tests|bench|ci
# Installs what is missing, on Debian and Ubuntu, as root or through sudo; silent when nothing is.
#   main   builds the library and the examples        tests   also runs the tests and benchmarks
#   bench  also the libraries that benchmarks compare with, and what draws the plots
#   ci     also the other compilers, those for other machines, clang-tidy and clang-format
set -eu
level=${1:-main}

new_enough_gxx() {
  for name in g++-12 g++ g++-13 g++-14 g++-15; do
    version=$("$name" -dumpversion 2>/dev/null) || continue
    [ "${version%%.*}" -ge 12 ] && return 0
  done
  return 1
}

packages=
optional=  # tests that need one of these say so and are skipped without it
need_program() { command -v "$1" >/dev/null 2>&1 || packages="$packages $2"; }
need_package() {
  case $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) in
    *" installed") ;;
    *) packages="$packages $1" ;;
  esac
}
want_package() {
  case $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) in
    *" installed") ;;
    *) optional="$optional $1" ;;
  esac
}

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "custody: this is not Debian or Ubuntu, so nothing was installed; see the list in cmake/setup.sh" >&2
  exit 0
fi
need_program cmake cmake
need_program ninja ninja-build
need_program pkg-config pkg-config
new_enough_gxx || packages="$packages g++-12"
for name in libsodium-dev nlohmann-json3-dev libsqlite3-dev; do need_package "$name"; done
if [ "$level" != main ]; then
  for name in catch2 libbenchmark-dev; do need_package "$name"; done
  for name in python3-nacl python3-cryptography softhsm2 libp11-kit-dev libbotan-2-dev; do want_package "$name"; done
fi
if [ "$level" = bench ]; then
  for name in libssl-dev libcrypto++-dev python3-matplotlib; do want_package "$name"; done
fi
if [ "$level" = ci ]; then
  for name in g++-12 clang-14 clang-19 libclang-rt-14-dev libclang-rt-19-dev clang-tidy-19 clang-format-19; do
    need_package "$name"
  done
  for name in g++-12-i686-linux-gnu g++-12-s390x-linux-gnu qemu-user; do want_package "$name"; done
fi
if [ -z "$packages$optional" ]; then
  exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "custody: run this as root, or: apt-get install$packages$optional" >&2
    exit 1
  fi
  as_root=sudo
fi
echo "custody: installing$packages$optional"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { $as_root apt-get -q update && for name in $optional; do
  if apt-cache show "$name" >/dev/null 2>&1; then packages="$packages $name"; else echo "custody: no package $name here" >&2; fi
done && $as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get -q install -y --no-install-recommends $packages; } >"$log" 2>&1; then
  tail -n 15 "$log" >&2
  echo "custody: apt-get could not install$packages" >&2
  exit 1
fi
