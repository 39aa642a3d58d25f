package docs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Go blocks in the pages are whole programs or top-level declarations; these are the packages the latter may use.
var known = map[string]string{
	"ring": module + "ring", "session": module + "ring/session", "flash": module + "ring/flash", "cookies": module + "ring/cookies",
	"route": module + "ring/route", "ringtest": module + "ring/ringtest", "stores": module + "stores", "memory": module + "stores/memory", "storetest": module + "stores/storetest",
	"chi":  "github.com/go-chi/chi/v5",
	"http": "net/http", "fmt": "fmt", "time": "time", "context": "context", "errors": "errors", "template": "html/template",
	"slog": "log/slog", "strings": "strings", "testing": "testing", "os": "os", "log": "log", "strconv": "strconv", "io": "io", "sync": "sync",
}

// elsewhere are the pages whose blocks use other libraries: the module examples/guides compiles those of the guides, and the
// recipes are compiled where they come from.
var elsewhere = []string{"from-scs.md", "from-gorilla.md", "from-gin-echo-fiber.md", "recipes.md"}

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```")

// program completes a block to a file that compiles by itself.
func program(code string) string {
	if strings.HasPrefix(code, "package ") {
		return code
	}
	var imports []string
	for name, path := range known {
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(code) {
			imports = append(imports, fmt.Sprintf("%s %q", name, path))
		}
	}
	slices.Sort(imports)
	return "package block\n\nimport (\n" + strings.Join(imports, "\n") + "\n)\n\n" + code
}

// compile builds blocks as packages of this module that exist in an overlay only, and returns what the compiler says.
func compile(t *testing.T, blocks map[string]string) string {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	replace := map[string]string{}
	args := []string{"build", "-o", os.DevNull, "-overlay", filepath.Join(tmp, "overlay.json")}
	for name, code := range blocks {
		file := filepath.Join(tmp, name+".go")
		if err := os.WriteFile(file, []byte(program(code)), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(here, "blocks", name, "block.go")] = file
		args = append(args, "./blocks/"+name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tmp, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return ""
	}
	return string(out) + err.Error()
}

func TestEveryGoBlockOfThePagesCompiles(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]string{}
	for _, page := range append(pages, "../README.md", "../CONTRIBUTING.md") {
		if slices.Contains(elsewhere, page) {
			continue
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(filepath.Base(page), ".md")
		for i, m := range block.FindAllStringSubmatch(string(text), -1) {
			blocks[fmt.Sprintf("%s%d", strings.ToLower(strings.ReplaceAll(base, "-", "")), i+1)] = m[1]
		}
	}
	if len(blocks) < 5 {
		t.Fatalf("only %d Go blocks found", len(blocks))
	}
	if errs := compile(t, blocks); errs != "" {
		t.Error(errs)
	}
}

func TestABlockThatDoesNotCompileIsCaught(t *testing.T) {
	if errs := compile(t, map[string]string{"wrong": "func f(req ring.Request) ring.Response { return ring.Nonsense() }\n"}); !strings.Contains(errs, "Nonsense") {
		t.Errorf("the compiler says %q", errs)
	}
}
