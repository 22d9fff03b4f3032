#!/usr/bin/env bash
# bench-tail.sh tail|agent: builds the program, and measures whether failing traces are kept whole, beside head sampling and the
# Collector's tail_sampling (tail), or what an agent costs alone (agent). BENCH_FLAGS says how; BENCH_FLAGS=-short takes some minutes. The
# report goes to the standard output, what happens meanwhile to the standard error.
source "$(dirname "$0")/lib.sh"

what=${1:-}
case $what in
  tail | agent) ;;
  *) die "say what to measure: tail or agent" ;;
esac

scripts/build.sh roentgen >&2
mkdir -p bin
go build -o bin/bench-tail ./bench/tail/run
peer=()
if [ "$what" = tail ]; then
  # The Collector is a module of its own, outside of go.work.
  in_module bench/peers/collector go build -o "$PWD/bin/bench-collector" .
  peer=(-collector bin/bench-collector)
fi
# shellcheck disable=SC2086 # BENCH_FLAGS are several words
exec bin/bench-tail "$what" -roentgen bin/roentgen "${peer[@]}" ${BENCH_FLAGS:-}
