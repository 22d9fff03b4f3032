#!/usr/bin/env bash
# gofmt, go vet and staticcheck over every module, and tsc over the console. go.work's modules are looked at together, through go.work,
# which so is proven to hold; the tests then build each of them alone.
source "$(dirname "$0")/lib.sh"

# The release whose go.mod asks for the Go we use; `go run` fetches and caches it, nothing is installed.
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Code behind these build tags is looked at too.
tags=long,invariants

formatted() {
  local unformatted
  unformatted=$(go_files | xargs -0 -r gofmt -l) || return 1
  [ -z "$unformatted" ] || {
    say "not formatted; run make fmt:"
    say "$unformatted"
    return 1
  }
}

# patterns: ./... of every module of go.work that has Go files.
patterns() {
  local dir
  for dir in "${modules[@]}"; do
    if [ -n "$(find "$dir" -name '*.go' -print -quit)" ]; then printf './%s/...\n' "$dir"; fi
  done
}

mapfile -t all < <(patterns)
step "gofmt" formatted
step "go vet" go vet "${all[@]}"
step "go vet -tags $tags" go vet -tags "$tags" "${all[@]}"
step "staticcheck" go run "$staticcheck" -tags "$tags" "${all[@]}"
for dir in "${apart[@]}"; do
  [ -f "$dir/go.mod" ] || continue
  step "go vet ($dir)" in_module "$dir" go vet ./...
  step "staticcheck ($dir)" in_module "$dir" go run "$staticcheck" ./...
done
step "types of the console" scripts/console.sh check
summary
