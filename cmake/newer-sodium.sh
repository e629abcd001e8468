#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sh cmake/newer-sodium.sh <directory>
# Puts libsodium of the distribution's development release under a directory, beside the installed one and without
# installing anything, and prints the CMake options that use it. Prints nothing, and says why, when there is none to be had.
set -eu
mkdir -p "$1"
to=$(cd "$1" && pwd)
if [ ! -e "$to/usr/include/sodium/crypto_aead_aegis256.h" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "custody: no apt here, so no newer libsodium" >&2
    exit 0
  fi
  suite=unstable origin=Debian
  # shellcheck disable=SC1091
  if [ "$(. /etc/os-release && echo "$ID")" = ubuntu ]; then suite=devel origin=Ubuntu; fi
  base=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Origin: $origin" 'Component: main' | head -n 1)
  mkdir -p "$to/apt/lists/partial" "$to/apt/cache/archives/partial"
  echo "deb $base $suite main" >"$to/apt/sources.list"
  with="-o Dir::Etc::SourceList=$to/apt/sources.list -o Dir::Etc::SourceParts=- -o Dir::State::Lists=$to/apt/lists
    -o Dir::Cache=$to/apt/cache -o APT::Sandbox::User=root"
  # shellcheck disable=SC2086
  if ! { apt-get -q $with update && cd "$to/apt" &&
    apt-get -q $with download libsodium-dev "$(apt-cache $with pkgnames libsodium | grep -x 'libsodium[0-9]*' | sort -V | tail -n 1)"; } \
    >"$to/apt/log" 2>&1; then
    echo "custody: no newer libsodium could be fetched; see $to/apt/log" >&2
    exit 0
  fi
  for package in "$to"/apt/*.deb; do dpkg-deb -x "$package" "$to"; done
fi
library=$(find "$to/usr/lib" -name libsodium.so | head -n 1)
if [ -z "$library" ] || [ ! -e "$to/usr/include/sodium/crypto_aead_aegis256.h" ]; then
  echo "custody: the newest libsodium of the distribution has no AEGIS-256" >&2
  exit 0
fi
echo "-DSodium_INCLUDE_DIR=$to/usr/include -DSodium_LIBRARY=$library"
