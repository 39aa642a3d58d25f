package docs_test

import (
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	// What these tests read as files is imported too, so that a cached result is not taken for a new one.
	_ "github.com/signet-go/signet/internal/deadline"
	_ "github.com/signet-go/signet/internal/queue"
	_ "github.com/signet-go/signet/internal/wire"
	_ "github.com/signet-go/signet/ring"
	_ "github.com/signet-go/signet/ring/cookies"
	_ "github.com/signet-go/signet/ring/flash"
	_ "github.com/signet-go/signet/ring/ringtest"
	_ "github.com/signet-go/signet/ring/route"
	_ "github.com/signet-go/signet/ring/session"
	_ "github.com/signet-go/signet/stores"
	_ "github.com/signet-go/signet/stores/cookie"
	_ "github.com/signet-go/signet/stores/memory"
	_ "github.com/signet-go/signet/stores/migrate"
	_ "github.com/signet-go/signet/stores/redistable"
	_ "github.com/signet-go/signet/stores/sqlstore"
	_ "github.com/signet-go/signet/stores/storetest"
)

const module = "github.com/signet-go/signet/"

// rules reads the table of docs/architecture.md: what each package may import.
func rules(t *testing.T) map[string][]string {
	t.Helper()
	page, err := os.ReadFile("architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "## Import rules")
	if !ok {
		t.Fatal("architecture.md has no import rules")
	}
	name := regexp.MustCompile("`([^`]+)`")
	allowed := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		pkg := name.FindStringSubmatch(cells[1])[1]
		allowed[pkg] = []string{}
		for _, m := range name.FindAllStringSubmatch(cells[2], -1) {
			allowed[pkg] = append(allowed[pkg], module+m[1])
		}
		for _, m := range name.FindAllStringSubmatch(cells[3], -1) {
			allowed[pkg] = append(allowed[pkg], m[1])
		}
	}
	return allowed
}

// violations returns the imports that the rules don't allow; std is what has no dot in its first element.
func violations(imports, allowed []string) []string {
	var bad []string
	for _, path := range imports {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") && !slices.Contains(allowed, path) {
			bad = append(bad, path)
		}
	}
	return bad
}

func TestTheImportsKeepTheRules(t *testing.T) {
	allowed := rules(t)
	for _, root := range []string{"../internal", "../ring", "../stores"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.IsDir() || d.Name() == "testdata" {
				return err
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir // a module of its own
			}
			pkg, err := build.ImportDir(path, 0)
			if _, none := err.(*build.NoGoError); none {
				return nil
			}
			if err != nil {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, "../"))
			may, known := allowed[name]
			if !known {
				t.Errorf("%s is not in the table of docs/architecture.md", name)
			}
			for _, bad := range violations(pkg.Imports, may) {
				t.Errorf("%s imports %s, which docs/architecture.md does not allow", name, bad)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// deps returns all packages that a package depends on, itself included.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// Stores of modules of their own bring a driver or client, which may bring what it likes.
func TestNoReadyMadeStoreNeedsTheHandlers(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	const most = 120 // fmt, crypto/sha256 and crypto/rand are 97
	for _, store := range []string{"memory", "cookie", "migrate", "redistable", "sqlstore"} {
		all := deps(t, module+"stores/"+store)
		for _, pkg := range all {
			if strings.HasPrefix(pkg, module+"ring") || pkg == "net/http" || strings.HasPrefix(pkg, "github.com/vmihailenco/") {
				t.Errorf("stores/%s depends on %s", store, pkg)
			}
		}
		if store == "memory" && len(all) >= most {
			t.Errorf("stores/memory depends on %d packages; want fewer than %d", len(all), most)
		}
	}
	for _, store := range []string{"sqlite", "mysql", "postgres", "redis", "goredis"} {
		pkg, err := build.ImportDir("../stores/"+store, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			if strings.HasPrefix(path, module+"ring") {
				t.Errorf("stores/%s imports %s", store, path)
			}
		}
	}
}

func TestAForbiddenImportIsCaught(t *testing.T) {
	may := rules(t)["ring"]
	if bad := violations([]string{"net/http", module + "ring/session"}, may); len(bad) != 1 {
		t.Errorf("ring importing ring/session is found to break %q", bad)
	}
}

func TestOnlyTheNamedFilesTouchTheSocket(t *testing.T) {
	page, err := os.ReadFile("architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, sentence, _ := strings.Cut(string(page), "Only the files ")
	sentence, _, _ = strings.Cut(sentence, " name an")
	err = filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "examples" || name == "bench" || name == "ringtest" || name == ".git"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(b)) {
			code, _, _ := strings.Cut(line, "//")
			if strings.Contains(code, "http.ResponseWriter") && (filepath.Dir(path) != "../ring" || !strings.Contains(sentence, "`"+name+"`")) {
				t.Errorf("%s names an http.ResponseWriter", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
