package browser

import (
	"bufio"
	"fmt"
	"io/fs"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
)

// openGuestBook gives a front before the guest book, which is one process for all tests.
func openGuestBook(t *testing.T) *front {
	t.Helper()
	target, err := guestBook()
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // what the browser asked for: the guest book compares it with the Origin of a form
	}})
}

var guestBook = sync.OnceValues(func() (*url.URL, error) {
	program, err := buildGuestBook()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-addr", "127.0.0.1:0")
	cmd.Dir = filepath.Dir(program) // it keeps its sessions in a file there
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	atEnd = append(atEnd, func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the guest book ends before it says where it is: %w", err)
	}
	return url.Parse(regexp.MustCompile(`http://\S+/`).FindString(line))
})

func buildGuestBook() (string, error) {
	// A cached result of these tests counts until a file changes that they have read, and lies in this module: hence the link.
	err := fs.WalkDir(os.DirFS("testdata/guestbook"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		_, err = os.ReadFile(filepath.Join("testdata/guestbook", name))
		return err
	})
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "signet-guestbook")
	if err != nil {
		return "", err
	}
	atEnd = append(atEnd, func() { _ = os.RemoveAll(dir) })
	program := filepath.Join(dir, "guestbook")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = "../guestbook"
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}

// logIn fills in the form of the guest book.
func logIn(tb *tab, url, name string) page {
	tb.t.Helper()
	tb.open(url + "/login")
	return tb.follow(fill("name", name) + press("Log in"))
}
