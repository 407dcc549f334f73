# The text after ## is what `make` prints.
SHELL := bash
.DEFAULT_GOAL := help

# What go is asked to do: make test ARGS='-run Accept ./api'
ARGS ?=
WITH_SERVERS := go run ./internal/embedded/withservers --
GO_FOLDERS := $(wildcard */)

.PHONY: run
run: postgres ## Run everything on this machine, with a small firm to look at; Ctrl-C stops it
	@go build -o bin/steward ./cmd/steward
	@exec bin/steward dev --demo $(ARGS)

.PHONY: test
test: postgres-for-tests ## Run the tests with a Postgres and a Temporal; ARGS='-run X ./api' chooses
	$(WITH_SERVERS) go test -timeout 18m $(or $(ARGS),./...)

.PHONY: check
check: format vet staticcheck workflowcheck sqlc-diff rules modules ## Look for what is not in order: format, vet, lint, generated code, rules of the house

.PHONY: vet-macos
vet-macos: ## Look whether everything compiles on macOS; takes minutes the first time
	GOOS=darwin go vet ./...
	GOOS=darwin go vet -tags bench,crash ./internal/bench ./worker ./cmd/...

.PHONY: fuzz
fuzz: postgres-for-tests ## Send made-up requests for ten minutes; ARGS='-for 1m -seed 5' says otherwise
	$(WITH_SERVERS) go test ./api -run TestNoRequestBreaksTheServer -count=1 -v -timeout 0 $(or $(ARGS),-for 10m)

.PHONY: hostile
hostile: postgres-for-tests ## Send a gigabyte of hostile bytes to the API; ARGS='-bytes 50000000 -seed 5' says otherwise
	$(WITH_SERVERS) go test ./internal/e2e -run TestHostileBytesAreRefused -count=1 -v -timeout 0 $(or $(ARGS),-bytes 1073741824)

.PHONY: chaos
chaos: postgres-for-tests ## Disturb 200 firms at work and look for what is lost; ARGS='-runs 20 -seed 5 -fault kill' says otherwise
	$(WITH_SERVERS) go test ./internal/e2e -run TestNothingIsLostOrDoubledInChaos -count=1 -v -timeout 0 $(or $(ARGS),-runs 200)

.PHONY: bench
bench: postgres-for-tests ## Measure steward beside what it stands on; ARGS='-run Billing' chooses
	$(WITH_SERVERS) go test -tags bench -count=1 -v -timeout 30m ./internal/bench $(ARGS)

.PHONY: load
load: postgres-for-tests ## Hold a firm's work for an hour and see what grows; ARGS='-for 3m' says otherwise
	go run ./internal/load/steady $(ARGS)

.PHONY: upgrade
upgrade: postgres-for-tests ## Change the version under a firm's work, from the release before to what is here
	go run ./internal/load/upgrade $(ARGS)

.PHONY: build
build: ## Build bin/steward, a static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/steward ./cmd/steward

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: fmt
fmt: ## Format the Go code
	gofmt -w $(GO_FOLDERS)

.PHONY: generate
generate: bin/sqlc ## Generate internal/postgres/db from the queries and migrations
	bin/sqlc generate

.PHONY: record
record: postgres-for-tests ## Record the workflow histories that CI replays
	$(WITH_SERVERS) go test ./internal/e2e -run TestEveryProcessCanBeSeen -count=1 -record

.PHONY: help
help: ## Print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The parts of check.

.PHONY: format vet staticcheck workflowcheck sqlc-diff rules modules
format:
	@wrong=$$(gofmt -l $(GO_FOLDERS)); test -z "$$wrong" || { printf 'not formatted; run make fmt:\n%s\n' "$$wrong"; exit 1; }
vet:
	go vet ./...
	go vet -tags bench,crash ./internal/bench ./worker ./cmd/...
staticcheck: bin/staticcheck
	bin/staticcheck ./...
workflowcheck: bin/workflowcheck
	bin/workflowcheck ./workflows/...
sqlc-diff: bin/sqlc
	bin/sqlc diff || { echo 'the generated code is not what the queries say; run make generate'; exit 1; }
rules:
	go test ./internal/archtest ./internal/config
modules:
	@go mod tidy -diff >/dev/null || { echo 'go.mod or go.sum is not tidy; run go mod tidy'; exit 1; }
	go mod verify

# Tools are pinned in modules of their own and built when those change.

bin/sqlc: PACKAGE = github.com/sqlc-dev/sqlc/cmd/sqlc
bin/staticcheck: PACKAGE = honnef.co/go/tools/cmd/staticcheck
bin/workflowcheck: PACKAGE = go.temporal.io/sdk/contrib/tools/workflowcheck
bin/sqlc bin/staticcheck bin/workflowcheck: bin/%: tools/%/go.mod tools/%/go.sum
	@echo 'building $* once'
	@CGO_ENABLED=0 go build -C tools/$* -o $(CURDIR)/$@ $(PACKAGE)
	@touch $@

.PHONY: postgres postgres-for-tests
postgres:
	@tools/postgres/install DATABASE_URL
postgres-for-tests:
	@tools/postgres/install STEWARD_TEST_DATABASE_URL
