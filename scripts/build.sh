#!/usr/bin/env bash
# Builds bin/roentgen and bin/afirgen. The date is the commit's, so that the same commit gives the same bytes.
source "$(dirname "$0")/lib.sh"

# An archive without git, or a checkout without a commit, builds too and says "unknown".
version=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
commit=$(git rev-parse --verify HEAD 2>/dev/null || echo unknown)
date=$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null || echo unknown)

# The C code that computes model files is built for the processor of this machine, several times as fast as for any
# x86-64 (docs/afirgen/models.md has the numbers). MARCH says for which: auto, or a name of gcc's -march; MARCH=x86-64 is
# for a program that is to run anywhere. A program that was built for more than its machine has says so at its start.
march() {
  local flags=" $(grep -m1 '^flags' /proc/cpuinfo 2>/dev/null || true) " level=x86-64
  has_all() { local f; for f in "$@"; do [[ $flags == *" $f "* ]] || return 1; done; }
  [ "$(uname -m)" = x86_64 ] || return 0 # elsewhere the compiler's own choice is the best there is
  if has_all ssse3 sse4_1 sse4_2 popcnt; then level=x86-64-v2; fi
  if has_all ssse3 sse4_1 sse4_2 popcnt avx avx2 bmi1 bmi2 f16c fma abm movbe; then level=x86-64-v3; fi
  if [ "$level" = x86-64-v3 ] && has_all avx512f avx512bw avx512cd avx512dq avx512vl; then level=x86-64-v4; fi
  say "$level"
}
MARCH=${MARCH:-auto}
if [ "$MARCH" = auto ]; then MARCH=$(march); fi
# -w: the warnings are about code that is not ours.
export CGO_CFLAGS="-O3 -w${MARCH:+ -march=$MARCH}" CGO_CXXFLAGS="-O3 -w${MARCH:+ -march=$MARCH}"

# -buildvcs=false: the three values above say it already, and git may refuse a checkout that another user owns.
build() { # build NAME MODULE PACKAGE
  say "building bin/$1"
  in_module "$2" go build -buildvcs=false -trimpath \
    -ldflags "-X main.version=$version -X main.commit=$commit -X main.date=$date" \
    -o "$PWD/bin/$1" "$3"
}

mkdir -p bin
build roentgen . ./cmd/roentgen
say "the C code of bin/afirgen is for ${MARCH:-this machine}; that takes a minute the first time"
build afirgen afirgen ./cmd/afirgen
