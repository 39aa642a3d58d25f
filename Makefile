# The short way to what .ci/ does. Nothing here needs to be known.
.PHONY: run test quick prove servers lint bench bench-full fuzz

run: ## the guest book on http://127.0.0.1:8080
	go run ./examples/guestbook

test: ## all tests of all modules
	.ci/test

quick: ## the core alone, in seconds
	go test ./...

prove: ## all of docs/proof.md at its full length: hours
	go build -o .ci/bin/ ./stores/proof/withservers
	.ci/bin/withservers -- env SIGNET_PROVE=long SIGNET_PROVE_PROGRAMS=$${SIGNET_PROVE_PROGRAMS:-100000} \
		go test -count 1 -timeout 24h -v ./stores/proof/... ./stores/postgres ./stores/mysql ./stores/sqlite ./ring/session/protocol ./examples/browser

servers: ## databases to develop against, until Ctrl-C: paste the lines it prints into another shell
	go run ./stores/proof/withservers -optional -print

lint: ## what CI checks beside the tests
	gofmt -l .
	go vet ./...
	GOWORK=off go tool -modfile=.ci/tools/go.mod staticcheck ./...

bench: ## what sessions cost here, beside other libraries and the same by hand, in minutes: tables and pictures in bench/out
	go run ./stores/proof/withservers -optional -only postgres,mysql,redis -- go run ./bench

bench-full: ## the same with more and longer rounds, recorded in bench/results
	go run ./stores/proof/withservers -optional -only postgres,mysql,redis -- go run ./bench -full -record -out bench/results

fuzz: ## let every fuzz target look for new inputs, half a minute each
	.ci/fuzz 30s
