# The short way to what .ci/ does. Nothing here needs to be known.
.PHONY: run test quick servers lint bench fuzz

run: ## the guest book on http://127.0.0.1:8080
	go run ./examples/guestbook

test: ## all tests of all modules
	.ci/test

quick: ## the core alone, in seconds
	go test ./...

servers: ## databases to develop against, until Ctrl-C: paste the lines it prints into another shell
	go run ./stores/proof/withservers -optional -print

lint: ## what CI checks beside the tests
	gofmt -l .
	go vet ./...
	GOWORK=off go tool -modfile=.ci/tools/go.mod staticcheck ./...

bench: ## what a request costs, beside a floor written by hand
	go test -run '^$$' -bench Request -count 6 ./ring/session

fuzz: ## let every fuzz target look for new inputs, half a minute each
	.ci/fuzz 30s
