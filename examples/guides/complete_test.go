package guides

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A library is a package whose exported names a guide has to mention, but for those in except.
type library struct{ path, except string }

// exported returns the exported functions, methods and fields of a package, as "F" or "T.M", and its types and constants.
func exported(t *testing.T, path string) []string {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}\n{{range .GoFiles}}{{.}}\n{{end}}", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(dir)), "\n")
	var names []string
	add := func(owner string, ids ...*ast.Ident) {
		for _, id := range ids {
			if id.IsExported() && (owner == "" || ast.IsExported(owner)) {
				names = append(names, strings.TrimPrefix(owner+"."+id.Name, "."))
			}
		}
	}
	for _, name := range lines[1:] {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(lines[0], name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				owner := ""
				if d.Recv != nil {
					owner = typeName(d.Recv.List[0].Type)
				}
				add(owner, d.Name)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						add("", spec.Names...)
					case *ast.TypeSpec:
						add("", spec.Name)
						for _, field := range fields(spec.Type) {
							add(spec.Name.Name, field.Names...)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func typeName(e ast.Expr) string {
	if p, ok := e.(*ast.StarExpr); ok {
		e = p.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func fields(e ast.Expr) []*ast.Field {
	switch e := e.(type) {
	case *ast.StructType:
		return e.Fields.List
	case *ast.InterfaceType:
		return e.Methods.List
	}
	return nil
}

// missing returns the names that no code of a section mentions.
func missing(section string, names []string, except string) []string {
	code := strings.Join(regexp.MustCompile("(?s)```.*?```|`[^`]*`").FindAllString(section, -1), "\n")
	var absent []string
	for _, name := range names {
		_, last, found := strings.Cut(name, ".")
		if !found {
			last = name
		}
		if !slices.Contains(strings.Fields(except), name) && !regexp.MustCompile(`\b`+last+`\b`).MatchString(code) {
			absent = append(absent, name)
		}
	}
	return absent
}

func TestTheGuidesMentionEveryCallAndOption(t *testing.T) {
	for _, tab := range tables {
		text, _, _ := read(t, tab.page)
		for _, l := range tab.libraries {
			names := exported(t, l.path)
			if len(names) < 5 {
				t.Errorf("%s has the names %v only", l.path, names)
			}
			if absent := missing(section(t, text, tab.heading), names, l.except); len(absent) > 0 {
				t.Errorf("%s, %s doesn't mention of %s: %s", tab.page, tab.heading, l.path, strings.Join(absent, " "))
			}
		}
	}
}

func TestANameThatIsMissingIsCaught(t *testing.T) {
	absent := missing("| `s.Get(k)` | Put |", []string{"Session.Get", "Session.Put", "New"}, "New")
	if !slices.Equal(absent, []string{"Session.Put"}) {
		t.Errorf("missing are %v", absent)
	}
}
