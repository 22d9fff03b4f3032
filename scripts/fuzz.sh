#!/usr/bin/env bash
# Runs every fuzz target of every module for FUZZTIME each. What a target finds, Go writes into its testdata/fuzz:
# commit that file with the fix. An input that takes longer than ten seconds is a find as well, unless the target's time is
# over before: below FUZZTIME=20s a loop that never ends passes.
source "$(dirname "$0")/lib.sh"

fuzztime=${FUZZTIME:-60s}
# Shrinking a 2 kB document to the smallest that covers the same code takes Go's default of a minute for each; 200
# tries leave the time to search.

# targets DIR: one line "package target" for each fuzz target of the module in DIR.
targets() {
  local list packages
  list=$(in_module "$1" packages_with '^func Fuzz') || return 1
  [ -n "$list" ] || return 0
  mapfile -t packages <<<"$list"
  # go test prints the names of a package's targets, then its "ok" line with the package.
  in_module "$1" go test -list '^Fuzz' "${packages[@]}" | awk '
    /^Fuzz/ { names[n++] = $1 }
    /^ok/ { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }'
}

found=0
for dir in "${modules[@]}"; do
  list=$(targets "$dir") || die "listing the fuzz targets of $dir: go said why above"
  while read -r package target; do
    [ -n "$target" ] || continue
    found=$((found + 1))
    step "fuzz $target of $package for $fuzztime" \
      in_module "$dir" go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" -fuzzminimizetime 200x "$package" </dev/null
  done <<<"$list"
done
[ "$found" -gt 0 ] || die "found no fuzz target in ${modules[*]}; there are some, so the search is broken"
summary
