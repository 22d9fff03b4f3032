#!/usr/bin/env bash
# Builds the server, loads it from outside, and prints what it takes and how fast it answers, beside goals and other
# systems. A goal that is missed is told and is no failure. BENCH_SPANS, BENCH_RUNS and BENCH_FLAGS say how; see `roentgen bench --help`.
source "$(dirname "$0")/lib.sh"

scripts/build.sh roentgen
# shellcheck disable=SC2086 # BENCH_FLAGS are several words
exec bin/roentgen bench --spans "${BENCH_SPANS:-2000000}" --runs "${BENCH_RUNS:-3}" ${BENCH_FLAGS:-}
