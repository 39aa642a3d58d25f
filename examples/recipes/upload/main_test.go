package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores/memory"
)

const png = "\x89PNG\r\n\x1a\nand so on"

// open returns the site and the folder of its files.
func open(t *testing.T) (http.Handler, string) {
	path := t.TempDir()
	folder, err := os.OpenRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return app(memory.New(), folder), path
}

func send(b *ringtest.Browser, name, content string) *ringtest.Page {
	b.Get("/")
	return b.Form("/pictures").Attach("picture", name, content).Submit()
}

func wantFiles(t *testing.T, path string, want int) {
	t.Helper()
	files, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != want {
		t.Errorf("files %v; want %d", files, want)
	}
}

var image = regexp.MustCompile(`<img src="([^"]+)">`)

func TestAPictureIsShownToItsVisitor(t *testing.T) {
	h, _ := open(t)
	b := ringtest.New(t, h)
	p := send(b, "cat.gif", png)
	m := image.FindStringSubmatch(p.Body)
	if !strings.Contains(p.Text(), "Thank you.") || m == nil || strings.Contains(p.Body, "cat") {
		t.Fatalf("%v", p)
	}
	got := b.Image(m[1])
	if got.Body != png || got.Header.Get("Content-Type") != "image/png" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v, %v", got, got.Header)
	}
	if p := ringtest.New(t, h).Image(m[1]); p.Status != http.StatusNotFound {
		t.Errorf("somebody else gets %v", p)
	}
}

func TestTwoPicturesSentAtOnceAreBothThere(t *testing.T) {
	h, _ := open(t)
	b := ringtest.New(t, h)
	send(b, "1.png", png)
	again := b.Form("/pictures").Attach("picture", "2.png", png).Request()
	first, second := b.Start(again), b.Start(again)
	first.Arrive()
	second.Arrive()
	if n := len(image.FindAllString(b.Get("/").Body, -1)); n != 3 {
		t.Errorf("%d pictures; want 3", n)
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	h, path := open(t)
	for name, content := range map[string]string{
		"page.png": "<!DOCTYPE html><script>alert(1)</script>", "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg"></svg>`, "empty.png": "",
	} {
		p := send(ringtest.New(t, h), name, content)
		if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text(), "Please choose a picture") {
			t.Errorf("%s: %v", name, p)
		}
	}
	b := ringtest.New(t, h)
	b.Get("/")
	if p := b.Submit("Send"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("no file: %v", p)
	}
	wantFiles(t, path, 0)
}

func TestAPictureThatIsTooLargeIsRefused(t *testing.T) {
	h, path := open(t)
	for _, size := range []int64{limits.File, limits.Body} {
		if p := send(ringtest.New(t, h), "big.png", png+strings.Repeat("x", int(size))); p.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%d bytes: %v", size, p)
		}
	}
	wantFiles(t, path, 0)
}

func TestThereIsAMostOfPictures(t *testing.T) {
	h, path := open(t)
	b := ringtest.New(t, h)
	for range most {
		send(b, "cat.png", png)
	}
	if p := send(b, "cat.png", png); !strings.Contains(p.Text(), "There are enough pictures.") {
		t.Errorf("%v", p)
	}
	wantFiles(t, path, most)
}

func TestANameLeadsNowhereElse(t *testing.T) {
	h, path := open(t)
	b := ringtest.New(t, h)
	if p := send(b, "../../evil.png", png); p.Status != 200 {
		t.Errorf("%v", p)
	}
	wantFiles(t, path, 1)
	for _, name := range []string{"..%2fsecret", "%2e%2e", "x.png"} {
		if p := b.Get("/pictures/" + name); p.Status != http.StatusNotFound {
			t.Errorf("%s: %v", name, p)
		}
	}
}
