# shellcheck shell=bash disable=SC2034 # The scripts that source this use its variables.
# Shared by the scripts here, which source it first. It moves to the top of the checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Modules that go.work ties together, in the order in which they are tested.
modules=(. redact tracing afirgen test)

# Modules outside go.work: their requirements must not reach the others.
apart=(tracing/benchmarks console/web)

# Folders with a package-lock.json, whose Node packages the tests need; none is needed to build or to run.
node_folders=(test/node console/web)

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# has PROGRAM: is it on the PATH?
has() { command -v "$1" >/dev/null 2>&1; }

# go_files: every Go file that is, or would be, in the repository, NUL-separated.
# Outside a git checkout (an unpacked archive): every Go file of the tree.
go_files() {
  local f
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files -z --cached --others --exclude-standard -- '*.go'
  else
    find . -name node_modules -prune -o -name '*.go' -print0
  fi | while IFS= read -r -d '' f; do
    # A file deleted but not yet committed is still listed by git.
    if [ -f "$f" ]; then printf '%s\0' "$f"; fi
  done
}

# packages_with PATTERN: the packages of the current module whose test files have a line matching PATTERN.
packages_with() {
  local dir
  go list -f '{{.Dir}}' ./... | while IFS= read -r dir; do
    if grep -q -s -E "$1" "$dir"/*_test.go; then printf '%s\n' "$dir"; fi
  done
}

# step NAME COMMAND...: runs COMMAND under a heading and remembers how it went; a failure lets the next steps run.
failed=0
results=()
step() {
  local name=$1 start=$SECONDS verdict=ok
  shift
  say "==> $name"
  "$@" || { verdict=FAILED && failed=1; }
  results+=("$(printf '  %-6s %4ds  %s' "$verdict" $((SECONDS - start)) "$name")")
}

# summary: prints what every step came to, and ends the script with 1 if one failed.
summary() {
  say "==> summary"
  printf '%s\n' "${results[@]}"
  if [ "$failed" -ne 0 ]; then
    say "$(basename "$0" .sh): FAILED; the output of each failed step stands above under its ==> heading"
    exit 1
  fi
  say "$(basename "$0" .sh): everything passed"
}

# in_module DIR COMMAND...: runs COMMAND in DIR as an outsider would build it, without go.work.
in_module() {
  local dir=$1
  shift
  (cd "$dir" && GOWORK=off "$@")
}

# The C code that computes model files is built for the processor of this machine, several times as fast as for any
# x86-64 (docs/afirgen/models.md has the numbers); all scripts say the same, so that it is compiled once. MARCH says for which: auto, or a name of gcc's -march; MARCH=x86-64 is
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
