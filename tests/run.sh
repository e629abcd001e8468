#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds them with g++ 12 or newer and runs them. Arguments go to the configuration,
# for instance -DCUSTODY_TEST_DATA=<directory>.
set -eu
cd "$(dirname "$0")/.."
sh cmake/setup.sh tests
jobs=$(nproc 2>/dev/null || echo 2)
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$jobs}"
export CTEST_PARALLEL_LEVEL="${CTEST_PARALLEL_LEVEL:-$jobs}"
cmake --preset dev "$@"
cmake --build --preset dev
ctest --preset dev
