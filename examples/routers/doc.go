// Package routers has one application of handlers of net/http, and mounts it under chi, http.ServeMux, echo, gin and httprouter,
// with the layers of Signet in one line of each, and among the routes of ring/route. Its tests hold the laws of docs/laws.md for
// every one of them, over HTTP/1.1 and HTTP/2. Other tests put well-known middleware of net/http among the layers.
//
//	go test -race ./examples/routers
package routers
