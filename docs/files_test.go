package docs_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const sessionFiles = "../ring/session"

// fileOrder reads from docs/architecture.md in which order the files of ring/session are, and which of them may use a
// later one.
func fileOrder(t *testing.T) (order []string, mayUse map[string]bool) {
	t.Helper()
	page, err := os.ReadFile("architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## Inside of ring/session\n")
	section, _, _ = strings.Cut(section, "\n## ")
	files, back, ok := strings.Cut(section, "Back references:")
	if !ok {
		t.Fatal("architecture.md doesn't say which files of ring/session use later ones")
	}
	for _, m := range regexp.MustCompile("`([a-z]+\\.go)`").FindAllStringSubmatch(files, -1) {
		if !slices.Contains(order, m[1]) {
			order = append(order, m[1])
		}
	}
	mayUse = map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z]+\\.go)` → `([a-z]+\\.go)`").FindAllStringSubmatch(back, -1) {
		mayUse[m[1]+" → "+m[2]] = true
	}
	return order, mayUse
}

// uses returns which file of the package in a folder uses a declaration of which other one, with an example for each. A method
// counts as a use of its type.
func uses(t *testing.T, folder string) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", exportData(t, folder))}
	pkg, err := conf.Check("session", fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for id, o := range info.Uses {
		if o.Pkg() != pkg {
			continue
		}
		from, to := filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(o.Pos()).Filename)
		if from != to {
			found[from+" → "+to] = o.Name()
		}
	}
	return found
}

// exportData returns a look-up for what the compiler has written about each package that the one in a folder imports.
func exportData(t *testing.T, folder string) importer.Lookup {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".")
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(files[path])
	}
}

// A reader of ring/session can begin at the first file and never needs a later one, but for those that are named.
func TestTheFilesOfSessionUseOnlyThoseBefore(t *testing.T) {
	order, mayUse := fileOrder(t)
	paths, err := filepath.Glob(filepath.Join(sessionFiles, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if name := filepath.Base(path); !strings.HasSuffix(name, "_test.go") && name != "doc.go" && !slices.Contains(order, name) {
			t.Errorf("architecture.md doesn't place %s among the files of ring/session", name)
		}
	}
	found := uses(t, sessionFiles)
	for _, use := range slices.Sorted(maps.Keys(found)) {
		from, to, _ := strings.Cut(use, " → ")
		if slices.Index(order, from) < slices.Index(order, to) && !mayUse[use] {
			t.Errorf("%s comes first in architecture.md, but uses %s of %s", from, found[use], to)
		}
	}
	for use := range mayUse {
		if found[use] == "" {
			t.Errorf("architecture.md allows %s, which isn't used", use)
		}
	}
}
