package main

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/signet-go/signet/ring"
)

var (
	styleSheet = newAsset("style.css")
	icon       = newAsset("icon.svg")
)

// An asset is an embedded file that browsers may keep for ever: when its content changes, so does its path.
type asset struct{ file, path string }

func newAsset(name string) asset {
	content, err := files.ReadFile("static/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	sum := sha256.Sum256(content)
	return asset{"static/" + name, "/static/" + hex.EncodeToString(sum[:6]) + "/" + name}
}

func (a asset) serve(ring.Request) ring.Response {
	return ring.File(files, a.file).With(ring.SetHeader("Cache-Control", "public, max-age=31536000, immutable"))
}
