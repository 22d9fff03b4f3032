#!/usr/bin/env bash
# Runs the Go benchmarks of every module, of those outside go.work too. BENCH is a regular expression over their names,
# COUNT how often each runs. Then measures an idle service's memory with and without tracing.
source "$(dirname "$0")/lib.sh"

bench() {
  local list packages
  list=$(packages_with '^func Benchmark') || return 1
  if [ -z "$list" ]; then
    say "no benchmarks here"
    return 0
  fi
  mapfile -t packages <<<"$list"
  go test -run '^$' -bench "${BENCH:-.}" -benchmem -count "${COUNT:-1}" -timeout 2h "${packages[@]}"
}

for dir in "${modules[@]}" "${apart[@]}"; do
  [ -f "$dir/go.mod" ] || continue
  step "benchmarks of $dir" in_module "$dir" bench
done
step "build" scripts/build.sh
step "memory of an idle service" scripts/idle.sh
summary
