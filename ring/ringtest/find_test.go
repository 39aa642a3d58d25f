package ringtest

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheTextIsWhatAPersonReads(t *testing.T) {
	for content, want := range map[string]string{
		"":                      "",
		"plain":                 "plain",
		"<p>a</p><p>b":          "a b",
		"Th<b>an</b>ks, <i>Ann": "Thanks, Ann",
		"a\n\t b":               "a b",
		"a<br>b<hr/>c":          "a b c",
		"&lt;b&gt; &amp; caf&eacute; &#x41;&nbsp;&copy": "<b> & café A ©",
		"a < b > c":                             "a < b > c",
		"a <3 b":                                "a <3 b",
		"a<":                                    "a<",
		"a</":                                   "a",
		"a<!-- <p>x -->b":                       "ab",
		"a<!-->b":                               "ab",
		"a<!-- b":                               "a",
		"<!doctype html>a<?xml?>b</ x>c":        "abc",
		"<title>T</title><style>p>a{}</style>a": "a",
		"a<script>if (a</b) { x('<p>') }</SCRIPT >b":     "ab",
		"a<script>var s = '</scripture>'</script>b":      "ab",
		"a<script>never closed":                          "a",
		"a<template><form action=x></form>b</template>c": "ac",
		"<textarea>&lt;p>x</textarea>a":                  "a",
		"<select><option>x</select>a":                    "a",
		"<select><option>x<option>y<input>a":             "a",
		"<img alt='a dog'> barks":                        "a dog barks",
		"<p title='a > b'>x":                             "x",
		"<p title=a>b>x":                                 "b>x",
		"<P CLASS = \"a\"\nid='b' hidden>x</P\n>":        "x",
		"<p =a ==b \"' />x":                              "x",
		"<xmp><b></xmp>":                                 "<b>",
		"<label>Name <input value=x> </label>":           "Name",
	} {
		if got := show(t, content).Page().Text(); got != want {
			t.Errorf("%q reads %q; want %q", content, got, want)
		}
	}
}

func TestTheTitle(t *testing.T) {
	for content, want := range map[string]string{
		"<html><head><title> Log in &ndash;\nGuest book </title>": "Log in – Guest book",
		"<title>a <b>c</title>":                                   "a <b>c",
		"<p>none":                                                 "",
	} {
		if got := show(t, content).Page().Title(); got != want {
			t.Errorf("%q is titled %q; want %q", content, got, want)
		}
	}
}

func TestLinksAreFoundByTheirText(t *testing.T) {
	b := show(t, `<a href="/one?a=b&amp;c=d&copy=1">One</a>
		<a href=two>The <b>second</b>
		one</a> <a name=x>No link</a> <a href=/icon aria-label="Settings"><svg></svg></a>
		<a href="/image"><img src=x alt="A picture"></a>
		<a href="">Here</a> <a href="#top">Top</a> <a href=/same>Same</a> <a href=/same>Same</a>
		<a href=/x>Twice</a><a href=/y>Twice <a href=/open>Open`)
	for text, want := range map[string]string{
		"One":            "GET /one?a=b&c=d&copy=1  []",
		"The second one": "GET /folder/two  []",
		"Settings":       "GET /icon  []",
		"A picture":      "GET /image  []",
		"Same":           "GET /same  []",
		"Open":           "GET /open  []",
	} {
		c := b.Clone()
		c.t = t
		wantBody(t, c.Click(text), want)
	}
	if got := b.Clone().Click("Here").URL.String(); got != "https://example.com/folder/page?a=b" {
		t.Errorf("an empty href leads to %s", got)
	}
	b.t = nil
	wantMistake(t, `links "Twice" to /x and /y`, func() { b.Page().Link("Twice") })
	wantMistake(t, `no link "No link"`, func() { b.Page().Link("No link") })
	wantMistake(t, `no link and no button "Log out"`, func() { b.Click("Log out") })
}

func TestABaseMovesLinksAndForms(t *testing.T) {
	b := show(t, `<base href="/other/"><a href=x>Link</a><form action=y><button>Go</button></form><form id=f><button>Stay</button></form>`)
	page := b.Page()
	wantBody(t, b.Do(page.Link("Link")), "GET /other/x  []")
	wantBody(t, page.Form("Go").Submit(), "GET /other/y?  []")
	if got := page.Form("f").Submit().URL.Path; got != "/folder/page" {
		t.Errorf("a form without an action leads to %s", got)
	}
}

// FuzzFind feeds HTML to everything that reads it: whatever it is, it is read to its end, forms can be filled in and
// sent, and nothing is found that isn't there.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"<!doctype html><title>x</title><form action=/a method=post><input name=a value='b'><textarea name=t>\nx</textarea><button>Go</button></form>",
		"<form><select name=s multiple><optgroup><option selected>a<option value=b>c</select><input type=file name=f></form>",
		"<form id=x></form><input form=x name=a type=checkbox checked><fieldset disabled><input name=b></fieldset>",
		"<a href='?x=&copy=1&lt;'>x<a href=//h:x>y", "<script><!--</script>--><textarea><", "</a></form></template></select></button></option>",
		"<button><select><button><option>", "<form method=dialog><base href=:><button formaction=%zz formmethod=get>x", "<!--", "<a b='", "<a =",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := find(s)
		lower := strings.ToLower(s)
		if n := strings.Count(lower, "<form"); len(found.forms) > n {
			t.Errorf("%d forms in %d tags", len(found.forms), n)
		}
		if n := strings.Count(lower, "<a"); len(found.links) > n {
			t.Errorf("%d links in %d tags", len(found.links), n)
		}
		for _, form := range found.forms {
			for _, name := range append(form.names(), "") {
				filled, err := form.set(name, []string{"x"})
				if err != nil {
					continue
				}
				if sent := filled.entries(filled.defaultButton()); !sends(sent, name) {
					t.Errorf("%q is filled in and not sent: %v", name, sent)
				}
			}
			_, body := encode(multipartForm, form.entries(form.defaultButton()))
			_ = body + fmt.Sprint(form.how(form.defaultButton()))
		}
	})
}

func sends(sent []entry, name string) bool {
	for _, e := range sent {
		if e.name == name {
			return true
		}
	}
	return false
}
