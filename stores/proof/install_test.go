package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// opening is how a program opens each store that is a module of its own.
var opening = map[string]string{
	"sqlite":   `sqlite.Open("sessions.db", sqlstore.Layout{})`,
	"postgres": `postgres.New(nil, sqlstore.Layout{}), error(nil)`,
	"mysql":    `mysql.Open("user@/site", sqlstore.Layout{})`,
	"redis":    `redis.New(nil), error(nil)`,
	"goredis":  `goredis.New(nil), error(nil)`,
}

// TestTheInstallLinesOfTheReadme does what the README tells somebody who has a clone beside a program of theirs, for its own
// program and for one on each store that is a module of its own, and compiles it. Linking and vetting, which take longest, would show nothing more.
func TestTheInstallLinesOfTheReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := only(t, regexp.MustCompile("(?s)```sh\n([^`]*go mod edit[^`]*)```"), readme)
	programs := map[string]string{"memory": only(t, regexp.MustCompile("(?s)```go\n(package main\n[^`]*)```"), readme)}
	for _, module := range storeModules(t) {
		store, known := opening[module]
		if !known {
			t.Errorf("stores/%s is a module that this test has no program for", module)
			continue
		}
		layout := ""
		if strings.Contains(store, "sqlstore.") {
			layout = "\n\t\"github.com/signet-go/signet/stores/sqlstore\""
		}
		programs[module] = fmt.Sprintf(`package main

import (
	"log"
	"net/http"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/%s"%s
)

func main() {
	open := func() (session.Store, error) { return %s }
	store, err := open()
	if err != nil {
		log.Fatal(err)
	}
	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response { return ring.Text("hello") })
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", app))
}
`, module, layout, store)
	}
	mod := "module example.com/program\n\ngo 1.26.0\n\n" + ourVersions(t)
	env := besideTheCache(t)
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			dir := beside(t)
			for file, text := range map[string]string{"main.go": program, "go.mod": mod} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, script := range []string{lines, "go list -export ."} {
				cmd := exec.CommandContext(t.Context(), "sh", "-ec", script)
				cmd.Dir, cmd.Env = dir, env
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s%v\n%s", script, err, out)
				}
			}
		})
	}
}

// only returns what the expression finds in the README, which must be one piece.
func only(t *testing.T, e *regexp.Regexp, readme []byte) string {
	t.Helper()
	found := e.FindAllSubmatch(readme, -1)
	if len(found) != 1 {
		t.Fatalf("the README has %d pieces like %s; want 1", len(found), e)
	}
	return string(found[0][1])
}

// storeModules returns the folders of the modules that a program may import.
func storeModules(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../*/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range found {
		if name := filepath.Base(filepath.Dir(path)); name != "proof" {
			names = append(names, name)
		}
	}
	return names
}

// beside makes an empty folder with a clone of the project beside it.
func beside(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	clone, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(clone, filepath.Join(dir, "signet")); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	if err := os.Mkdir(program, 0o700); err != nil {
		t.Fatal(err)
	}
	return program
}

// ourVersions are requirements of what the project itself depends on, in the versions that its tests have downloaded.
// The tidy command drops what a program doesn't need, so all that they do is to choose the versions.
func ourVersions(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-json", "all")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var m struct{ Path, Version string }
		if err := d.Decode(&m); err != nil {
			t.Fatal(err)
		}
		if m.Version != "" && !strings.HasPrefix(m.Path, "github.com/signet-go/") {
			fmt.Fprintf(&b, "require %s %s\n", m.Path, m.Version)
		}
	}
	return b.String()
}

// besideTheCache is the environment of somebody outside of the project's workspace. Modules are looked for where this
// machine has them before anybody is asked; their checksums are known from the project. The flags of the test command stay, so that
// what it has compiled is not compiled again.
func besideTheCache(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	cache, proxy, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return append(os.Environ(), "GOWORK=off", "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -mod=mod"), "GOSUMDB=off",
		"GOPROXY=file://"+filepath.ToSlash(filepath.Join(cache, "cache", "download"))+","+proxy)
}
