module github.com/signet-go/signet/stores/mysql

go 1.26.0

require (
	github.com/go-sql-driver/mysql v1.10.1
	github.com/signet-go/signet v0.0.0
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/vmihailenco/msgpack/v5 v5.4.1 // indirect
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

replace github.com/signet-go/signet => ../..
