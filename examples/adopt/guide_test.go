package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Both columns of the guide's table, and the keys above it, are compiled.
func TestTheGuideFromSCSCompiles(t *testing.T) {
	page, err := os.ReadFile("../../docs/from-scs.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile("(?ms)^```go\n(.*?)^```").FindSubmatch(page)
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\|").FindAllStringSubmatch(string(page), -1)
	if keys == nil || len(rows) < 25 {
		t.Fatalf("%d rows", len(rows))
	}
	if out := compileRows(t, string(keys[1]), rows); out != "" {
		t.Error(out)
	}
	if out := compileRows(t, string(keys[1]), [][]string{{"", "sessions.Nonsense(ctx)", "theme.Get(s)"}}); !strings.Contains(out, "Nonsense") {
		t.Errorf("a row that does not compile: %q", out)
	}
}

func compileRows(t *testing.T, keys string, rows [][]string) string {
	t.Helper()
	code := "package main\n\nimport (\n\t\"context\"\n\t\"net/http\"\n\t\"time\"\n" +
		"\t\"github.com/alexedwards/scs/v2\"\n\t\"github.com/signet-go/signet/ring\"\n\t\"github.com/signet-go/signet/ring/flash\"\n" +
		"\t\"github.com/signet-go/signet/ring/session\"\n\t\"github.com/signet-go/signet/stores\"\n\t\"github.com/signet-go/signet/stores/memory\"\n)\n\n" +
		"var (\n_ context.Context\n_ http.Handler\n_ time.Time\n_ *scs.SessionManager\n_ ring.Handler\n_ flash.Key[int]\n_ stores.Store\n_ *memory.Store\n)\n\n" +
		keys + "\nfunc main() {}\n"
	for i, row := range rows {
		for j, cell := range row[1:3] {
			code += fmt.Sprintf("\nfunc row%d_%d(ctx context.Context, sessions *scs.SessionManager, store stores.Store, s session.Session, options session.Options, next http.Handler) {\n\t%s\n}\n",
				i, j, statement(cell))
		}
	}
	tmp := t.TempDir()
	file := filepath.Join(tmp, "guide.go")
	here, err := filepath.Abs("guide/guide.go")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{here: file}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{file: code, filepath.Join(tmp, "overlay.json"): string(overlay)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, "-overlay", filepath.Join(tmp, "overlay.json"), "./guide")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return ""
	}
	return string(out) + err.Error()
}

// statement makes a statement of a cell, which may be an expression.
func statement(cell string) string {
	e, err := parser.ParseExpr(cell)
	if err != nil {
		return cell
	}
	if _, isCall := e.(*ast.CallExpr); isCall {
		return cell
	}
	return "_ = " + cell
}
