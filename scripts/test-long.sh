#!/usr/bin/env bash
# Everything that is too slow for every change: fuzzing, then the kill loops and soaks behind the build tag "long".
source "$(dirname "$0")/lib.sh"

step "fuzz" scripts/fuzz.sh
for dir in "${modules[@]}"; do
  step "long tests of $dir" in_module "$dir" go test -tags long -count=1 -timeout 6h ./...
done
summary
