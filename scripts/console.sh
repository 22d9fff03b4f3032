#!/usr/bin/env bash
# console.sh build|check|test|fresh: the console's sources, console/web, and what is built from them, console/dist.
# dist is committed, so that neither `make up` nor `go build` needs Node; fresh is what keeps it true.
source "$(dirname "$0")/lib.sh"

web=console/web
dist=$PWD/console/dist

# fresh builds into a folder of its own and compares, so that it holds outside a git checkout too.
fresh() {
  local out
  out=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$out'" EXIT
  in_module "$web" go run . -out "$out" || return 1
  diff -rq "$out" "$dist" || die "console/dist is not what console/web builds; run make console and commit both"
}

case "${1:-}" in
  build) in_module "$web" go run . ;;
  check) (cd "$web" && node_modules/.bin/tsc --noEmit) ;;
  test) in_module "$web" go run . -test ;;
  fresh) fresh ;;
  *) die "say what: console.sh build, check, test or fresh" ;;
esac
