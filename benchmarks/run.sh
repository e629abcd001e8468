#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the benchmarks with optimisation and prints the ratios that docs/costs.txt shows.
set -eu
cd "$(dirname "$0")/.."
sh cmake/setup.sh tests >&2
cmake --preset release >/dev/null
cmake --build build/release --target fields_bench >&2
# In random order, or a machine that changes its speed meanwhile makes ratios of its own.
build/release/benchmarks/fields_bench --benchmark_enable_random_interleaving=true
printf '\n'
cmake -P benchmarks/include_cost.cmake
