package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores/memory"
)

// build makes the program.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "guestbook")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// on are the arguments for each store, in a folder of the test's own.
func on(t *testing.T, kind string) []string {
	t.Helper()
	dsn := ""
	switch kind {
	case "sqlite", "memory", "cookie":
		dsn = filepath.Join(t.TempDir(), kind)
	default:
		dsn = server(t, kind)
	}
	return []string{"-addr", "127.0.0.1:0", "-store", kind, "-dsn", dsn}
}

// server tells where a server of the kind is.
func server(t *testing.T, kind string) string {
	t.Helper()
	variable := map[string]string{
		"postgres": "SIGNET_TEST_POSTGRES_URL", "mysql": "SIGNET_TEST_MYSQL_DSN", "redis": "SIGNET_TEST_REDIS_URL",
	}[kind]
	dsn := os.Getenv(variable)
	switch {
	case dsn != "":
		return dsn
	case os.Getenv("SIGNET_TEST_REQUIRE") == "1":
		t.Fatalf("%s is not set", variable)
	}
	t.Skipf("%s is not set", variable)
	return ""
}

// The program itself, with each store: it starts, says where it is, and keeps who is logged in over a restart.
func TestEveryStoreKeepsAVisitorOverARestart(t *testing.T) {
	program := build(t)
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Chdir(t.TempDir()) // where the program leaves its files
			args, client := on(t, kind), newClient(t)
			first := start(t, program, args...)
			if p := first.post(t, client, "login", url.Values{"name": {"Anna"}}); see(p, user) != "Anna" || see(p, message) != "Welcome, Anna." {
				t.Fatalf("%v; want to be logged in", p)
			}
			first.post(t, client, "", url.Values{"text": {"Until later."}})
			first.stop(t)

			second := start(t, program, args...) // a cookie doesn't care for the port
			p := second.get(t, client, "")
			if see(p, user) != "Anna" || see(p, entry) != "Until later." || see(p, visit) != "3" {
				t.Errorf("after the restart: user %q, entries %q, visit no. %s", see(p, user), see(p, entry), see(p, visit))
			}
			if p := second.post(t, client, "logout", nil); see(p, user) != "" {
				t.Errorf("after the log-out: user %q", see(p, user))
			}
			second.stop(t)
		})
	}
}

func TestAStoreThatIsADatabaseKeepsAVisitorWhenTheProgramIsKilled(t *testing.T) {
	program := build(t)
	for _, kind := range []string{"sqlite", "postgres", "mysql", "redis", "cookie"} {
		t.Run(kind, func(t *testing.T) {
			t.Chdir(t.TempDir()) // where the program leaves its files
			args, client := on(t, kind), newClient(t)
			first := start(t, program, args...)
			first.post(t, client, "login", url.Values{"name": {"Anna"}})
			if err := first.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = first.cmd.Wait()
			second := start(t, program, args...)
			if p := second.get(t, client, ""); see(p, user) != "Anna" {
				t.Errorf("user %q", see(p, user))
			}
			second.stop(t)
		})
	}
}

func TestAVisitorStaysWhenTheStoreIsAnother(t *testing.T) {
	program := build(t)
	for _, next := range []string{"redis", "postgres", "memory"} {
		t.Run("from sqlite to "+next, func(t *testing.T) {
			t.Chdir(t.TempDir())
			old, args := on(t, "sqlite"), on(t, next)
			anna, berta := newClient(t), newClient(t)
			first := start(t, program, old...)
			first.post(t, anna, "login", url.Values{"name": {"Anna"}})
			first.post(t, berta, "login", url.Values{"name": {"Berta"}})
			first.stop(t)

			second := start(t, program, append(args, "-from", "sqlite="+old[len(old)-1])...)
			p := second.get(t, anna, "")
			if see(p, user) != "Anna" || see(p, visit) != "2" {
				t.Errorf("with both stores: user %q, visit no. %s", see(p, user), see(p, visit))
			}
			if p := second.post(t, berta, "logout", nil); see(p, user) != "" {
				t.Errorf("after the log-out: user %q", see(p, user))
			}
			second.stop(t)

			third := start(t, program, args...) // without the old one
			if p := third.get(t, anna, ""); see(p, user) != "Anna" || see(p, visit) != "3" {
				t.Errorf("with the new one alone: user %q, visit no. %s", see(p, user), see(p, visit))
			}
			if p := third.get(t, berta, ""); see(p, user) != "" {
				t.Errorf("who had logged out is %q", see(p, user))
			}
			third.stop(t)
		})
	}
}

type running struct {
	cmd *exec.Cmd
	url string
}

var printedURL = regexp.MustCompile(`http://\S+/`)

func start(t *testing.T, program string, args ...string) running {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%v, %v", err, cmd.Wait())
	}
	t.Logf("started in %v", time.Since(began))
	found := printedURL.FindString(line)
	if found == "" {
		t.Fatalf("it prints %q; want its address", line)
	}
	return running{cmd, found}
}

func (r running) stop(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil {
		t.Fatalf("after SIGTERM: %v; want exit status 0", err)
	}
}

func (r running) get(t *testing.T, c *http.Client, path string) *ringtest.Page {
	t.Helper()
	resp, err := c.Get(r.url + path)
	return read(t, resp, err)
}

func (r running) post(t *testing.T, c *http.Client, path string, form url.Values) *ringtest.Page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", strings.TrimSuffix(r.url, "/")) // as browsers do
	resp, err := c.Do(req)
	return read(t, resp, err)
}

func read(t *testing.T, resp *http.Response, err error) *ringtest.Page {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &ringtest.Page{URL: *resp.Request.URL, Status: resp.StatusCode, Body: string(b)}
}

func TestMistakesOnTheCommandLine(t *testing.T) {
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"-store", "stone"}, `there is no -store "stone"; there is: sqlite, postgres, mysql, redis, cookie, memory`},
		{[]string{"-store", "postgres"}, "-store postgres needs to know where that is, such as postgres://"},
		{[]string{"-store", "memory", "-from", "stone=x"}, `there is no -from "stone"`},
		{[]string{"-store", "memory", "-from", "cookie=" + filepath.Join(t.TempDir(), "key")}, "between stores that keep a table"},
		{[]string{"-nonsense"}, "flag provided but not defined"},
		{[]string{"something"}, `unexpected argument "something"`},
	} {
		err := run(t.Context(), test.args, io.Discard, io.Discard)
		if !errors.As(err, new(usageError)) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v; want a mistake of usage that says %q", test.args, err, test.says)
		}
	}
}

func TestABrokenSnapshotStopsTheStart(t *testing.T) {
	for _, file := range []string{"sessions", "sessions.entries.json"} {
		dir := t.TempDir()
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, []byte("not a snapshot"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-store", "memory", "-dsn", filepath.Join(dir, "sessions")}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want an error that names the file", file, err)
		}
		if file == "sessions" && !errors.Is(err, memory.ErrCorrupt) {
			t.Errorf("%v; want ErrCorrupt", err)
		}
		if b, _ := os.ReadFile(path); string(b) != "not a snapshot" {
			t.Errorf("%s is %q now", file, b)
		}
	}
}

func TestASnapshotThatCannotBeWrittenStopsTheStart(t *testing.T) {
	snapshot := filepath.Join(t.TempDir(), "no such folder", "sessions")
	if err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-store", "memory", "-dsn", snapshot}, io.Discard, io.Discard); err == nil {
		t.Error("no error")
	}
}
