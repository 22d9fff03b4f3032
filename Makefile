# One sentence per target: `make` or `make help` prints them. The work itself is in scripts/.
# Variables: UP_FLAGS (flags for `afirgen up`), FUZZTIME (per fuzz target), SOAK (5m), BENCH_SPANS, BENCH_RUNS and BENCH_FLAGS (of
# `make bench`), BENCH (a regular expression) and COUNT (of `make bench-go`), VERSION.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

UP_FLAGS ?=
export FUZZTIME SOAK BENCH_SPANS BENCH_RUNS BENCH_FLAGS BENCH COUNT VERSION

.PHONY: help up up-full down test test-long bench bench-tail bench-agent bench-go build deb console lint fmt setup-up setup-up-full setup-test setup-long setup-console clean

help: ## Prints this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: setup-up build ## Installs what is missing, builds, starts Roentgen and the three AFIRGen services, files six complaints and keeps running.
	@exec bin/afirgen up --data .data $(UP_FLAGS)

up-full: setup-up-full build ## The same on MariaDB, a local S3 and Secrets Manager, behind a load balancer.
	@exec bin/afirgen up --full --data .data-full $(UP_FLAGS)

down: ## Stops a running `make up` or `make up-full` in order and waits until it has ended.
	@scripts/down.sh

test: setup-test ## Installs what is missing, then lints and runs the tests of every module, with the race detector but for those of whole programs.
	@scripts/test.sh

test-long: setup-long ## Runs what takes hours: every fuzz target for FUZZTIME (60s), then the kill loops and soaks behind the build tag "long".
	@scripts/test-long.sh

bench: ## Builds the server, loads it with BENCH_SPANS spans (2000000), BENCH_RUNS times (3), and prints its figures beside goals and other systems.
	@scripts/bench.sh

bench-tail: ## Runs ten agents and a server, kills, parts and fills them, and counts the failing traces that are not whole; BENCH_FLAGS=-short for minutes.
	@scripts/bench-tail.sh tail

bench-agent: ## Measures one agent at 20,000 to 100,000 documents a second and through an outage.
	@scripts/bench-tail.sh agent

bench-go: ## Runs every Go benchmark, tracing/benchmarks too; BENCH='Append' chooses some, COUNT=5 repeats.
	@scripts/bench-go.sh

build: ## Builds bin/roentgen and bin/afirgen with version, commit and date inside.
	@scripts/build.sh

deb: build ## Makes Debian packages of both programs in bin, with units, users, settings and completion.
	@scripts/deb.sh

console: setup-console ## Builds console/dist, which is committed, from console/web; needed only after a change there.
	@scripts/console.sh build

lint: setup-console ## Holds the code against gofmt, go vet, staticcheck and tsc.
	@scripts/lint.sh

fmt: ## Formats every Go file with gofmt.
	@scripts/fmt.sh

setup-up: ## Installs what `make up` needs and this machine lacks; says what.
	@scripts/setup.sh up

setup-up-full: ## Installs what `make up-full` needs and this machine lacks; says what.
	@scripts/setup.sh up-full

setup-test: ## Installs what `make test` needs and this machine lacks; says what.
	@scripts/setup.sh test

setup-long: ## Installs what `make test-long` needs and this machine lacks; says what.
	@scripts/setup.sh long

setup-console: ## Installs what `make console` needs and this machine lacks; says what.
	@scripts/setup.sh console

clean: ## Removes what the build made; .data, which holds traces, stays.
	@rm -rf bin
