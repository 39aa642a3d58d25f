package ring_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// touchesTheSocket reports whether a Go file names what writes to a client.
func touchesTheSocket(t *testing.T, name string, src any) bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			found = found || s.Sel.Name == "ResponseWriter" || s.Sel.Name == "NewResponseController"
		}
		return !found
	})
	return found
}

func TestOnlyTheFilesOfTheSocketTouchAResponseWriter(t *testing.T) {
	socket := []string{"guard.go", "handover.go", "http.go", "send.go", "suspended.go"}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		if name := f.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && touchesTheSocket(t, name, nil) {
			got = append(got, name)
		}
	}
	if !slices.Equal(got, socket) {
		t.Errorf("%v touch a ResponseWriter; want %v", got, socket)
	}
	if !touchesTheSocket(t, "x.go", "package x\nfunc f(w http.ResponseWriter) {}") {
		t.Error("the check doesn't see one")
	}
}
