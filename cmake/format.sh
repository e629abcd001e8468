#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sh cmake/format.sh            formats the sources in place
# sh cmake/format.sh --check    fails when one of them is not formatted
set -eu
cd "$(dirname "$0")/.."
mode=-i
[ "${1:-}" = --check ] && mode="--dry-run --Werror"
# shellcheck disable=SC2086
find include tests examples benchmarks \( -name '*.hpp' -o -name '*.cpp' -o -name '*.cc' \) \
  ! -path 'tests/checks/*' -print0 | sort -z | xargs -0 -r clang-format-19 $mode
