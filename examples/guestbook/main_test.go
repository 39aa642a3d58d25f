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

// The program itself: it starts, says where it is, and carries sessions and entries over a planned restart.
func TestTheProgramSurvivesAPlannedRestart(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "guestbook")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	snapshot := filepath.Join(dir, "sessions")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}

	first := start(t, program, "-addr", "127.0.0.1:0", "-snapshot", snapshot)
	if p := first.post(t, client, "login", url.Values{"name": {"Anna"}}); see(p, user) != "Anna" || see(p, message) != "Welcome, Anna." {
		t.Fatalf("%v; want to be logged in", p)
	}
	first.post(t, client, "", url.Values{"text": {"Until later."}})
	first.stop(t)

	second := start(t, program, "-addr", "127.0.0.1:0", "-snapshot", snapshot) // a cookie doesn't care for the port
	p := second.get(t, client, "")
	if see(p, user) != "Anna" || see(p, entry) != "Until later." || see(p, visit) != "3" {
		t.Errorf("after the restart: user %q, entries %q, visit no. %s", see(p, user), see(p, entry), see(p, visit))
	}
	second.stop(t)
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
	resp, err := c.PostForm(r.url+path, form)
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
		{[]string{"-store", "postgres"}, `there is no -store "postgres"; there is: memory`},
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
		err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-snapshot", filepath.Join(dir, "sessions")}, io.Discard, io.Discard)
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
	if err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-snapshot", snapshot}, io.Discard, io.Discard); err == nil {
		t.Error("no error")
	}
}
