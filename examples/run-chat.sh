#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the chat service of example 03 and runs it with the arguments given; without any it
# walks through the small sample, and starts afresh where it did before.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
sh "$here/cmake/setup.sh" main
build="$here/build/chat"
jobs=$(nproc 2>/dev/null || echo 2)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake -S "$here" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE="$here/cmake/gcc.cmake" \
  -DCUSTODY_BUILD_TESTS=OFF -DCUSTODY_BUILD_BENCHMARKS=OFF &&
  cmake --build "$build" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}" --target chat_service; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
rm -f "$log"
[ $# -ne 0 ] || set -- --again
exec "$build/examples/chat_service" "$@"
