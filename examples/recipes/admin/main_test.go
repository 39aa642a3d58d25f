package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores/memory"
)

func user(t *testing.T, h http.Handler, name string) *ringtest.Browser {
	b := ringtest.New(t, h)
	b.Get("/")
	b.Submit("Log in", "name", name)
	return b
}

func open() (http.Handler, map[string]bool) {
	admins := map[string]bool{"root": true}
	return app(memory.New(), admins), admins
}

func wantUser(t *testing.T, b *ringtest.Browser, want string) {
	t.Helper()
	if text := b.Get("/").Text(); strings.Contains(text, "Logged in as "+want) != (want != "") || strings.Contains(text, "Logged in") != (want != "") {
		t.Errorf("%q; want %q logged in", text, want)
	}
}

var owner = regexp.MustCompile(`owner=(\w+)"`)

// owners returns whose sessions a page lists, sorted.
func owners(p *ringtest.Page) []string {
	var found []string
	for _, m := range owner.FindAllStringSubmatch(p.Body, -1) {
		found = append(found, m[1])
	}
	slices.Sort(found)
	return found
}

func TestAnAdministratorEndsOneSession(t *testing.T) {
	h, _ := open()
	root, ann, bob := user(t, h, "root"), user(t, h, "ann"), user(t, h, "bob")
	p := root.Get("/admin")
	if got := owners(p); !slices.Equal(got, []string{"ann", "bob", "root"}) || strings.Count(p.Text(), "(this browser)") != 1 {
		t.Fatalf("%q: %v", got, p)
	}
	p = root.Click("ann")
	if got := owners(p); !slices.Equal(got, []string{"ann"}) {
		t.Errorf("%q: %v", got, p)
	}
	p = root.Click("End")
	if got := owners(p); !slices.Equal(got, []string{"bob", "root"}) || !strings.Contains(p.Text(), "The session has ended.") {
		t.Errorf("%q: %v", got, p)
	}
	wantUser(t, ann, "")
	wantUser(t, bob, "bob")
}

func TestAnAdministratorLogsAUserOutEverywhere(t *testing.T) {
	h, _ := open()
	root, other, ann, phone := user(t, h, "root"), user(t, h, "root"), user(t, h, "ann"), user(t, h, "ann")
	root.Get("/admin?owner=ann")
	if p := root.Click("End all of ann"); !strings.Contains(p.Text(), "2 sessions have ended.") {
		t.Errorf("%v", p)
	}
	wantUser(t, ann, "")
	wantUser(t, phone, "")
	root.Get("/admin?owner=root")
	root.Click("End all of root")
	wantUser(t, other, "")
	wantUser(t, root, "root")
}

func TestTheListGoesPageByPage(t *testing.T) {
	h, _ := open()
	root := user(t, h, "root")
	want := []string{"root"}
	for i := range 2*perPage + 4 {
		name := fmt.Sprint("user", i)
		user(t, h, name)
		want = append(want, name)
	}
	slices.Sort(want)
	var got []string
	root.Get("/admin")
	for _, size := range []int{perPage, perPage, 5} {
		page := owners(root.Page())
		if len(page) != size {
			t.Fatalf("a page of %d; want %d", len(page), size)
		}
		got = append(got, page...)
		if size == perPage {
			root.Click("Next page")
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("all pages together have %q; want %q", got, want)
	}
	for _, number := range []string{"-1", "x", "99999999999999999999", "1000000000"} {
		if p := root.Get("/admin?page=" + number); p.Status != 200 {
			t.Errorf("page %s: %v", number, p)
		}
	}
}

func TestOnlyAdministratorsGetIn(t *testing.T) {
	h, admins := open()
	root, ann := user(t, h, "root"), user(t, h, "ann")
	end := root.Get("/admin?owner=root").Form("End").Action
	for _, b := range []*ringtest.Browser{ann, ringtest.New(t, h)} {
		for _, r := range []ringtest.Request{ringtest.Get("/admin"), ringtest.Post(end), ringtest.Post("/admin/end", "owner", "root")} {
			if p := b.Do(r); p.Status != http.StatusNotFound {
				t.Errorf("%v", p)
			}
		}
	}
	wantUser(t, root, "root")
	delete(admins, "root")
	if p := root.Get("/admin"); p.Status != http.StatusNotFound {
		t.Errorf("not an administrator any more: %v", p)
	}
}

func TestAHandleThatIsNoneIsNotFound(t *testing.T) {
	h, _ := open()
	if p := user(t, h, "root").Post("/admin/nonsense/end"); p.Status != http.StatusNotFound {
		t.Errorf("%v", p)
	}
}
