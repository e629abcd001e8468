#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sh benchmarks/run.sh           runs every benchmark; prints the ratios that docs/costs.txt shows, writes json into
#                                build/benchmarks, and figures, plots and their page into docs/benchmarks
# sh benchmarks/run.sh --costs   only prints the ratios that docs/costs.txt shows
# sh benchmarks/run.sh --check   measures custody's suites and fields against their bars; fails when one is missed
# sh benchmarks/run.sh --newer   the same against the newest libsodium of the distribution, which has AEGIS-256
# sh benchmarks/run.sh --quick   runs every line once and briefly; fails when one does not run
set -eu
cd "$(dirname "$0")/.."
mode=${1:---all}
case $mode in
  --all | --check | --newer) level=bench ;;
  --costs | --quick) level=tests ;;
  *)
    echo "sh benchmarks/run.sh [--costs|--check|--newer|--quick]" >&2
    exit 2
    ;;
esac
sh cmake/setup.sh $level >&2
programs="fields_bench suites_bench parts_bench"
[ "$mode" = --costs ] && programs=fields_bench
build=build/benchmarks-build json=build/benchmarks
sodium=
case $mode in
  --check) programs=suites_bench ;;
  --newer)
    programs=suites_bench
    build=build/benchmarks-newer json=$build/json
    sodium=$(sh cmake/newer-sodium.sh build/newer-sodium)
    [ -n "$sodium" ] || exit 1
    ;;
esac
mkdir -p build
# A directory of its own: another gate may have put other options into the preset's.
# shellcheck disable=SC2086
cmake --preset release -B "$build" $sodium >build/benchmarks.configure.log 2>&1 || { cat build/benchmarks.configure.log >&2; exit 1; }
grep 'suites_bench leaves' build/benchmarks.configure.log >&2 || true
# shellcheck disable=SC2086
cmake --build "$build" --target $programs >&2
mkdir -p "$json"

# measure <program> [option...]: runs one, keeps its json, fails when a line did
measure() {
  program=$1
  shift
  "$build"/benchmarks/"$program" "--benchmark_out=$json/$program.json" --benchmark_out_format=json "$@"
  if grep -q '"error_occurred": true' "$json/$program.json"; then
    grep -A 1 '"error_occurred": true' "$json/$program.json" >&2
    echo "custody: a line of $program failed" >&2
    return 1
  fi
}
# In random order, or a machine that changes its speed meanwhile makes ratios of its own.
costs() {
  measure fields_bench --benchmark_enable_random_interleaving=true
  printf '\n'
  cmake -P benchmarks/include_cost.cmake
}
# The python3 that Debian's python3-matplotlib belongs to comes first.
report() {
  python=/usr/bin/python3
  [ -x "$python" ] || python=python3
  "$python" benchmarks/report.py "$@"
}

case $mode in
  --costs) costs ;;
  --quick)
    CUSTODY_BENCH_QUICK=1 measure fields_bench >/dev/null
    measure suites_bench --quick >/dev/null
    measure parts_bench --quick >/dev/null
    ;;
  --check | --newer)
    measure suites_bench --benchmark_repetitions=41 \
      '--benchmark_filter=^((seal|open)/(custody|libsodium) (XChaCha20-Poly1305|AES-256-GCM|AEGIS-256)(, bytes|, suite)?/|batch_)' >/dev/null
    report --check "$json"
    ;;
  --all)
    costs >"$json/costs.txt"
    cat "$json/costs.txt"
    measure suites_bench >"$json/suites_bench.txt"
    measure parts_bench >"$json/parts_bench.txt"
    report --write docs/benchmarks "$json" >&2
    ;;
esac
