package guides

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	// What the code of the guides imports is imported here too, so that a cached result is not taken for a new one.
	_ "github.com/alexedwards/scs/v2"
	_ "github.com/gin-contrib/sessions"
	_ "github.com/gin-contrib/sessions/cookie"
	_ "github.com/gin-gonic/gin"
	_ "github.com/gofiber/fiber/v3/extractors"
	_ "github.com/gofiber/fiber/v3/middleware/session"
	_ "github.com/gorilla/securecookie"
	_ "github.com/gorilla/sessions"
	_ "github.com/labstack/echo-contrib/session"
	_ "github.com/labstack/echo/v4"

	_ "github.com/signet-go/signet/ring/cookies"
	_ "github.com/signet-go/signet/ring/flash"
	_ "github.com/signet-go/signet/ring/session/moving/fromgorilla"
	_ "github.com/signet-go/signet/ring/session/moving/fromscs"
	_ "github.com/signet-go/signet/stores/cookie"
	_ "github.com/signet-go/signet/stores/memory"
)

const docs = "../../docs/"

// A table is one of a guide: calls of another library on the left, of Signet on the right.
type table struct {
	page, heading string
	old, signet   column
	blocks        map[string]string // what blocks of the page may import beside
	libraries     []library
}

// A column is what its cells may use.
type column struct {
	imports map[string]string
	params  string
}

var standard = map[string]string{
	"context": "context", "http": "net/http", "time": "time", "fmt": "fmt", "errors": "errors", "rand": "crypto/rand", "slog": "log/slog",
}

var signet = with(map[string]string{
	"ring": module + "ring", "session": module + "ring/session", "flash": module + "ring/flash", "cookies": module + "ring/cookies",
	"stores": module + "stores", "memory": module + "stores/memory", "cookie": module + "stores/cookie",
	"fromscs": module + "ring/session/moving/fromscs", "fromgorilla": module + "ring/session/moving/fromgorilla",
	"gin": "github.com/gin-gonic/gin", "echo": "github.com/labstack/echo/v4",
	"fiber": "github.com/gofiber/fiber/v3", "adaptor": "github.com/gofiber/fiber/v3/middleware/adaptor",
}, standard)

const (
	module       = "github.com/signet-go/signet/"
	signetParams = "ctx context.Context, r *http.Request, w http.ResponseWriter, next http.Handler, " +
		"s session.Session, store session.Store, options session.Options, id string, handle session.Handle, page http.HandlerFunc, hashKey, oldKey []byte"
)

var tables = []table{
	{
		page: "from-scs.md", heading: "## Call by call",
		old: column{
			with(map[string]string{"scs": "github.com/alexedwards/scs/v2"}, standard),
			"ctx context.Context, sessions *scs.SessionManager, next http.Handler, w http.ResponseWriter, r *http.Request, token, id string, page http.HandlerFunc, each func(context.Context) error",
		},
		signet:    column{signet, signetParams},
		blocks:    map[string]string{"scs": "github.com/alexedwards/scs/v2"},
		libraries: []library{{path: "github.com/alexedwards/scs/v2"}},
	},
	{
		page: "from-gorilla.md", heading: "## Call by call",
		old: column{
			with(map[string]string{"sessions": "github.com/gorilla/sessions", "securecookie": "github.com/gorilla/securecookie"}, standard),
			"store *sessions.CookieStore, files *sessions.FilesystemStore, s *sessions.Session, sc *securecookie.SecureCookie, " +
				"w http.ResponseWriter, r *http.Request, hashKey, blockKey, oldKey []byte, value string",
		},
		signet: column{signet, signetParams},
		blocks: map[string]string{"sessions": "github.com/gorilla/sessions"},
		libraries: []library{
			{path: "github.com/gorilla/sessions"},
			{path: "github.com/gorilla/securecookie", except: "Error Error.IsUsage Error.IsDecode Error.IsInternal Error.Cause MultiError.IsUsage " +
				"MultiError.IsDecode MultiError.IsInternal MultiError.Cause MultiError.Error GobEncoder.Serialize GobEncoder.Deserialize " +
				"JSONEncoder.Serialize JSONEncoder.Deserialize NopEncoder.Serialize NopEncoder.Deserialize Serializer.Serialize Serializer.Deserialize"},
		},
	},
	{
		page: "from-gin-echo-fiber.md", heading: "## gin-contrib/sessions",
		old: column{
			with(map[string]string{
				"sessions": "github.com/gin-contrib/sessions", "gin": "github.com/gin-gonic/gin",
				"cookie": "github.com/gin-contrib/sessions/cookie",
			}, standard),
			"c *gin.Context, router *gin.Engine, store sessions.Store, s sessions.Session, hashKey []byte",
		},
		signet: column{signet, signetParams + ", c *gin.Context, router *gin.Engine, handler http.Handler"},
		blocks: map[string]string{
			"sessions": "github.com/gorilla/sessions", "fibersession": "github.com/gofiber/fiber/v3/middleware/session",
		},
		libraries: []library{{path: "github.com/gin-contrib/sessions", except: "Options.ToGorillaOptions DefaultKey"}},
	},
	{
		page: "from-gin-echo-fiber.md", heading: "## echo-contrib/session",
		old: column{
			with(map[string]string{
				"sessions": "github.com/gorilla/sessions", "session": "github.com/labstack/echo-contrib/session",
				"echo": "github.com/labstack/echo/v4",
			}, standard),
			"c echo.Context, router *echo.Echo, store sessions.Store, s *sessions.Session, skip func(echo.Context) bool",
		},
		signet:    column{signet, signetParams + ", c echo.Context, router *echo.Echo, handler http.Handler"},
		libraries: []library{{path: "github.com/labstack/echo-contrib/session"}},
	},
	{
		page: "from-gin-echo-fiber.md", heading: "## fiber",
		old: column{
			with(map[string]string{
				"session": "github.com/gofiber/fiber/v3/middleware/session", "fiber": "github.com/gofiber/fiber/v3",
				"extractors": "github.com/gofiber/fiber/v3/extractors",
			}, standard),
			"ctx context.Context, c fiber.Ctx, app *fiber.App, store *session.Store, m *session.Middleware, s *session.Session, config session.Config, " +
				"storage fiber.Storage, skip func(fiber.Ctx) bool, failed func(fiber.Ctx, error), id string",
		},
		signet:    column{signet, signetParams + ", app *fiber.App, mux *http.ServeMux, site http.Handler, failed func(ring.Request, error) ring.Response"},
		libraries: []library{{path: "github.com/gofiber/fiber/v3/middleware/session", except: "ErrEmptySessionID ErrSessionAlreadyLoadedByMiddleware ErrSessionIDNotFoundInStore ErrTypeAssertionFailed"}},
	},
}

func with(a, b map[string]string) map[string]string {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}

var (
	block = regexp.MustCompile("(?ms)^```go\n(.*?)^```")
	row   = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (?:`([^`]+)`|–) \\|")
)

// read returns a page, its first block of Go, which declares the keys that all tables use, and the others.
func read(t *testing.T, page string) (text, keys string, blocks []string) {
	t.Helper()
	b, err := os.ReadFile(docs + page)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range block.FindAllStringSubmatch(string(b), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) == 0 || !strings.Contains(blocks[0], "session.Key[string]") {
		t.Fatalf("the first block of %s doesn't declare keys", page)
	}
	return string(b), blocks[0], blocks[1:]
}

// section returns what is below a heading.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, below, found := strings.Cut(text, heading+"\n")
	if !found {
		t.Fatalf("no heading %q", heading)
	}
	below, _, _ = strings.Cut(below, "\n## ")
	return below
}

// Both columns of each table are compiled, and so are the blocks of the guides.
func TestTheGuidesCompile(t *testing.T) {
	packages := map[string]string{}
	pages := map[string]bool{}
	for i, tab := range tables {
		text, keys, blocks := read(t, tab.page)
		rows := row.FindAllStringSubmatch(section(t, text, tab.heading), -1)
		if len(rows) < 5 {
			t.Errorf("%s, %s: %d rows", tab.page, tab.heading, len(rows))
		}
		var left, right []string
		for _, r := range rows {
			left = append(left, r[1])
			if r[2] != "" {
				right = append(right, r[2])
			}
		}
		packages[fmt.Sprintf("table%dold", i)] = cells("", left, tab.old)
		packages[fmt.Sprintf("table%dsignet", i)] = cells(keys, right, tab.signet)
		if pages[tab.page] {
			continue
		}
		pages[tab.page] = true
		for j, code := range blocks {
			packages[fmt.Sprintf("table%dblock%d", i, j)] = file(keys+"\n"+code, with(signet, tab.blocks))
		}
	}
	if out := compile(t, packages); out != "" {
		t.Error(out)
	}
}

func TestACellThatDoesNotCompileIsCaught(t *testing.T) {
	wrong := cells("", []string{"session.Nonsense(ctx)"}, column{signet, signetParams})
	if out := compile(t, map[string]string{"wrong": wrong}); !strings.Contains(out, "Nonsense") {
		t.Errorf("the compiler says %q", out)
	}
}

// cells returns a file with a function for each cell.
func cells(keys string, all []string, c column) string {
	code := keys
	for i, cell := range all {
		code += fmt.Sprintf("\nfunc cell%d(%s) {\n{\n%s\n}\n}\n", i, c.params, statement(cell))
	}
	return file(code, c.imports)
}

// file adds the imports that code uses.
func file(code string, imports map[string]string) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(code) {
			lines = append(lines, fmt.Sprintf("\t%s %q\n", name, imports[name]))
		}
	}
	return "package guide\n\nimport (\n" + strings.Join(lines, "") + ")\n\n" + code
}

// statement makes statements of a cell, which may be an expression, and uses the variables that it declares.
func statement(cell string) string {
	if e, err := parser.ParseExpr(cell); err == nil {
		if _, isCall := e.(*ast.CallExpr); isCall {
			return "\t" + cell
		}
		return "\t_ = " + cell
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() {\n"+cell+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return "\t" + cell // the compiler says what is wrong
	}
	code := "\t" + cell
	for _, s := range f.Decls[0].(*ast.FuncDecl).Body.List {
		a, ok := s.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE {
			continue
		}
		for _, name := range a.Lhs {
			if id := name.(*ast.Ident).Name; id != "_" {
				code += "\n\t_ = " + id
			}
		}
	}
	return code
}

// compile builds files as packages of this module that exist in an overlay only, and returns what the compiler says.
func compile(t *testing.T, packages map[string]string) string {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	replace := map[string]string{}
	args := []string{"build", "-gcflags=-e", "-o", os.DevNull, "-overlay", filepath.Join(tmp, "overlay.json")}
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		src := filepath.Join(tmp, name+".go")
		if err := os.WriteFile(src, []byte(packages[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(here, "code", name, "code.go")] = src
		args = append(args, "./code/"+name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tmp, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	if err == nil {
		return ""
	}
	return string(out) + err.Error()
}
