#!/usr/bin/env bash
# Measures the resident memory of an idle service with and without tracing: the model server, RUNS times each in turn,
# SETTLE seconds after its start. Prints each reading and the medians, in kB.
source "$(dirname "$0")/lib.sh"

runs=${RUNS:-5}
settle=${SETTLE:-3}

# reading ENABLED PORT: starts the service, waits, prints VmRSS in kB, stops it.
reading() {
  local pid kb
  XRAY_ENABLED=$1 XRAY_SAMPLING_RATE=1 bin/afirgen gguf --addr "127.0.0.1:$2" >/dev/null 2>&1 &
  pid=$!
  sleep "$settle"
  kb=$(awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status") || die "the service on port $2 did not stay up"
  kill "$pid"
  wait "$pid" || true
  printf '%s\n' "$kb"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

[ -x bin/afirgen ] || die "bin/afirgen is missing; run make build"
without=() with=()
for ((i = 0; i < runs; i++)); do
  without+=("$(reading false 18001)")
  with+=("$(reading true 18001)")
done
say "idle model server without tracing: ${without[*]} kB, median $(printf '%s\n' "${without[@]}" | median)"
say "idle model server with tracing:    ${with[*]} kB, median $(printf '%s\n' "${with[@]}" | median)"
