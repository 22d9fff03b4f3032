#!/usr/bin/env bash
# Lints, tests the console's own code and that it is built fresh, then tests each module alone (GOWORK=off, as outsiders
# build it), with the race detector but for `test`. A step that fails lets the next one run; the last lines say what each
# came to.
source "$(dirname "$0")/lib.sh"

# -count=1: the tests start programs and read files that Go's test cache does not watch.
step "lint" scripts/lint.sh
step "console/dist is fresh" scripts/console.sh fresh
step "test console/web" scripts/console.sh test
for dir in "${modules[@]}"; do
  # What `test` looks at are programs in processes of their own; the race detector would watch the tests alone, and take
  # twice as long.
  race=-race
  [ "$dir" = test ] && race=-race=false
  step "test $dir" in_module "$dir" go test "$race" -count=1 -timeout 30m ./...
done
summary
