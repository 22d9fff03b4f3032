#!/usr/bin/env bash
# Formats every Go file and names those it changed.
source "$(dirname "$0")/lib.sh"
go_files | xargs -0 -r gofmt -l -w
