#!/usr/bin/env bash
# Builds bin/roentgen and bin/afirgen, or the one that is named. The date is the commit's, so that the same commit gives the same bytes.
source "$(dirname "$0")/lib.sh"

# An archive without git, or a checkout without a commit, builds too and says "unknown", unless VERSION, COMMIT and DATE are
# given. LDFLAGS are more flags of the linker.
version=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
commit=${COMMIT:-$(git rev-parse --verify HEAD 2>/dev/null || echo unknown)}
date=${DATE:-$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null || echo unknown)}

# -buildvcs=false: the three values above say it already, and git may refuse a checkout that another user owns.
build() { # build NAME MODULE PACKAGE
  say "building bin/$1"
  in_module "$2" go build -buildvcs=false -trimpath \
    -ldflags "${LDFLAGS:-} -X main.version=$version -X main.commit=$commit -X main.date=$date" \
    -o "$PWD/bin/$1" "$3"
}

mkdir -p bin
for name in "${@:-all}"; do
  case $name in
    roentgen | all) build roentgen . ./cmd/roentgen ;;&
    afirgen | all)
      say "the C code of bin/afirgen is for ${MARCH:-this machine}; that takes a minute the first time"
      build afirgen afirgen ./cmd/afirgen
      ;;&
    roentgen | afirgen | all) ;;
    *) die "there is no program $name to build" ;;
  esac
done
