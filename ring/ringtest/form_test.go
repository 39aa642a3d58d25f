package ringtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

const signUp = `<!DOCTYPE html>
<html><head><meta charset=utf-8><link rel=stylesheet href=x><style>form > input { color: red }</style>
<script>document.write("<form action='/fake'><button>Sign up</button></form>")</script></head>
<body>
<form class=search action=/search><input name=q type=search><button aria-label="Search"><svg></svg></button></form>
<form id="signup" name=up action="/signup?step=1" method="POST">
	<input type="hidden" name="csrf" value="a&amp;b&quot;">
	<label>Name <input name=name value='Ann
 B'></label><br/>
	<input name=mail type=email disabled value=old>
	<textarea name="about" rows=3>
Hello &lt;you&gt;
there</textarea>
	<input type=checkbox name=news value=yes checked>
	<input type=checkbox name=terms>
	<input type=checkbox name=topic value=go checked> <input type=checkbox name=topic value=web> <input type=checkbox name=topic value=db>
	<input type=hidden name=remember value=0><input type=checkbox name=remember value=1>
	<input type=radio name=size value=s> <input type=radio name=size value=m checked> <input type=radio name=size value=l>
	<select name=colour><option value="">Choose…<option value=r>Red <option disabled>Grey<option>Deep
		blue</option></select>
	<select name=days multiple><optgroup label=Week><option selected>Mon<option>Tue</optgroup><option selected>Sun</select>
	<input name=code value=1><input name=code value=2>
	<fieldset disabled><input name=off value=1></fieldset>
	<input type=reset value=Undo> <button type=button name=no>Nothing</button>
	<button name=do value=save>Sign
	up</button>
	<input type=submit name=do value="Save draft" formaction="/draft" formmethod=get>
	<input type=image name=pic alt="By picture" src=x>
</form>
<input form=signup name=outside value=yes>
<form action="other"><input type=submit></form>
</body></html>`

func TestAFormIsSentAsItStands(t *testing.T) {
	b := show(t, signUp)
	wantBody(t, b.Form("signup").Submit(), "POST /signup?step=1 "+
		"csrf=a%26b%22&name=Ann+B&about=Hello+%3Cyou%3E%0D%0Athere&news=yes&topic=go&remember=0&size=m&colour=&days=Mon&days=Sun"+
		"&code=1&code=2&do=save&outside=yes []")
	b.Get("/folder/page?a=b")
	if got := b.Do(b.Form("signup").Request()).String(); !strings.HasPrefix(got, "POST /signup?step=1 200") {
		t.Error(got)
	}
}

func TestAFormIsFound(t *testing.T) {
	b := show(t, signUp)
	b.t = nil
	for _, which := range []string{"signup", "up", "/signup?step=1", "/signup", "Sign up", "Save draft", "By picture"} {
		if got := b.Form(which).ID; got != "signup" {
			t.Errorf("%q finds %q", which, got)
		}
	}
	for which, action := range map[string]string{"/search": "/search", "Search": "/search", "other": "other", "/folder/other": "other", "Submit": "other"} {
		if got := b.Form(which).Action; got != action {
			t.Errorf("%q finds %q; want %q", which, got, action)
		}
	}
	if n := len(b.Page().Forms()); n != 3 {
		t.Errorf("%d forms; want 3", n)
	}
	wantMistake(t, `no form "Nothing"`, func() { b.Form("Nothing") })
	wantMistake(t, `no form "/fake"`, func() { b.Form("/fake") })
	wantMistake(t, `3 forms ""`, func() { b.Form("") })
	two := show(t, `<form action=/a><button>Delete</button></form><form action=/b><button>Delete</button></form>`)
	two.t = nil
	wantMistake(t, `2 forms with a button "Delete"`, func() { two.Form("Delete") })
	wantMistake(t, `no link and no button "Delete"`, func() { two.Click("Delete") })
	wantBody(t, two.Form("/b").Submit(), "GET /b?  []")
	if got := show(t, `<form id=only></form>`).Form("").ID; got != "only" {
		t.Errorf("the only form is %q", got)
	}
}

func TestFieldsAreFilledIn(t *testing.T) {
	empty := show(t, signUp).Form("signup")
	for _, c := range []struct {
		name   string
		values []string
		sent   []string
	}{
		{"name", []string{"Bob & Co"}, []string{"Bob & Co"}},
		{"about", []string{"a\nb"}, []string{"a\nb"}},
		{"csrf", []string{"forged"}, []string{"forged"}},
		{"news", nil, nil},
		{"news", []string{"yes"}, []string{"yes"}},
		{"terms", []string{"on"}, []string{"on"}},
		{"topic", []string{"db", "web"}, []string{"web", "db"}},
		{"remember", []string{"1"}, []string{"0", "1"}},
		{"size", []string{"l"}, []string{"l"}},
		{"size", nil, nil},
		{"colour", []string{"r"}, []string{"r"}},
		{"colour", []string{"Red"}, []string{"r"}},
		{"colour", []string{"Deep blue"}, []string{"Deep blue"}},
		{"days", []string{"Tue"}, []string{"Tue"}},
		{"days", nil, nil},
		{"code", []string{"3", "4"}, []string{"3", "4"}},
		{"outside", []string{"no"}, []string{"no"}},
	} {
		if got := empty.Set(c.name, c.values...).All(c.name); !slices.Equal(got, c.sent) {
			t.Errorf("%s set to %q sends %q; want %q", c.name, c.values, got, c.sent)
		}
	}
	if got := empty.Get("name") + " " + empty.Get("size") + " " + empty.Get("none") + strings.Join(empty.All("topic"), ""); got != "Ann B m go" {
		t.Errorf("the form that others were made of has %q", got)
	}
	if got, want := strings.Join(empty.Names(), " "), "csrf name about news topic remember size colour days code do outside"; got != want {
		t.Errorf("sent are %s; want %s", got, want)
	}
}

func TestWhatNobodyCouldFillInIsAMistake(t *testing.T) {
	b := show(t, signUp)
	b.t = nil
	form := b.Form("signup")
	for _, c := range []struct {
		because, name string
		values        []string
	}{
		{`no field "nmae", only ["csrf" "name"`, "nmae", []string{"x"}},
		{`no field ""`, "", []string{"x"}},
		{`"mail" is disabled`, "mail", []string{"x"}},
		{`"off" is disabled`, "off", []string{"x"}},
		{`no field "do"`, "do", []string{"x"}},
		{`no field "no"`, "no", []string{"x"}},
		{`no place for ["b"]`, "name", []string{"a", "b"}},
		{`needs a value`, "name", nil},
		{`needs a value`, "code", []string{"1"}},
		{`no place for ["no"]`, "news", []string{"no"}},
		{`one of`, "size", []string{"s", "l"}},
		{`no place for ["xl"]`, "size", []string{"xl"}},
		{`no option`, "colour", []string{"pink"}},
		{`no option`, "colour", []string{"Grey"}},
		{`no place for ["Red"]`, "colour", []string{"", "Red"}},
		{`no place for ["Wed"]`, "days", []string{"Mon", "Wed"}},
	} {
		wantMistake(t, c.because, func() { form.Set(c.name, c.values...) })
	}
	wantMistake(t, "no button", func() { form.Press("Undo") })
	wantMistake(t, "not for a file", func() { form.Attach("name", "a.txt", "x") })
	wantMistake(t, "/folder/page?a=b", func() { form.Set("nmae", "x") })
	wantMistake(t, "dialog", func() {
		d := show(t, `<form method=dialog><button>OK</button></form>`)
		d.t = nil
		d.Click("OK")
	})
}

func TestTheButtonDecides(t *testing.T) {
	b := show(t, signUp)
	page := b.Page()
	if got := page.Form("Save draft").Get("do"); got != "Save draft" {
		t.Errorf("the button sends %q", got)
	}
	if p := b.Click("Save draft"); p.Method != "GET" || p.URL.Path != "/draft" || !strings.Contains(p.URL.RawQuery, "do=Save+draft&outside=yes") {
		t.Error(p)
	}
	f := page.Form("signup").Press("By picture")
	if f.Get("pic.x") != "0" || f.Get("do") != "" {
		t.Errorf("an image sends %q", f.Names())
	}
	wantBody(t, page.Form("other").Submit(), "GET /folder/other?  []")
	wantBody(t, page.Form("Search").Set("q", "a b").Submit(), "GET /search?q=a+b  []")
	plain := show(t, `<form action="/x?old=1" id=f enctype=text/plain><input name=a value=b><input type=submit name=s></form>`)
	wantBody(t, plain.Form("f").Submit(), "GET /x?a=b&s=Submit  []")
	plain = show(t, `<form action="/x" method=post enctype=text/plain><input name=a value=b></form>`)
	wantBody(t, plain.Submit("/x"), "POST /x a=b\r\n []")
}

func TestSubmitAndClickDoItInOneLine(t *testing.T) {
	b := show(t, `<form action=/in method=post><input name=name><input name=word type=password><button>Log in</button></form>`)
	wantBody(t, b.Submit("Log in", "name", "Ann", "word", "x y"), "POST /in name=Ann&word=x+y []")
	wantBody(t, b.Reload(), "POST /in name=Ann&word=x+y []")
	b = show(t, `<form action=/out method=post><button>Log out</button></form>`)
	wantBody(t, b.Click("Log out"), "POST /out  []")
}

func TestAFormIsANavigationFromItsPage(t *testing.T) {
	b := New(t, routes{
		"/form": page(`<form action=/x method=post><button>Go</button></form>`),
		"/x":    tells("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User", "Origin", "Referer"),
	}.handler())
	form := b.Get("/form?a").Form("Go")
	b.Get("/elsewhere")
	const want = "same-origin | navigate | document | ?1 | https://example.com | https://example.com/form?a"
	wantBody(t, form.Submit(), want)
	wantBody(t, b.Start(form.Request()).Arrive(), want) // a double click
}

func TestFilesAreSentInParts(t *testing.T) {
	upload := func(req ring.Request) ring.Response {
		form, err := req.Form()
		if err != nil {
			return ring.Fail(err)
		}
		text := form.Get("title") + "|" + strings.Join(form.Names(), ",")
		for _, u := range form.Files("pics") {
			b := make([]byte, u.Size())
			_, _ = u.Open().Read(b)
			text += "|" + u.Name + " " + u.MediaType + " " + string(b)
		}
		return ring.Text(text)
	}
	const fields = `<input name=title value="a
b"><textarea name="quo&quot;te">x
y</textarea><input type=file name=pics multiple><input type=file name=one><button>Upload</button></form>`
	b := New(nil, routes{
		"/":    page(`<form action=/up method=post enctype="multipart/form-data">` + fields),
		"/url": page(`<form action=/echo method=post>` + fields),
		"/up":  upload,
	}.handler())
	form := b.Get("/").Form("Upload")
	wantBody(t, form.Submit(), `ab|quo%22te,title`) // as browsers escape it, and nobody unescapes it
	form = form.Attach("pics", "a.png", "PNG\n\r\x00").Attach("pics", `b"c.unknown`, "").Attach("one", "1", "").Attach("one", "2", "")
	wantBody(t, form.Submit(), "ab|quo%22te,title|a.png image/png PNG\n\r\x00|b%22c.unknown application/octet-stream ")
	if got := form.All("one"); !slices.Equal(got, []string{"2"}) {
		t.Errorf("chosen: %q", got)
	}
	wantBody(t, b.Get("/url").Form("Upload").Attach("pics", "a.png", "PNG").Submit(),
		"POST /echo title=ab&quo%22te=x%0D%0Ay&pics=a.png&one= []")
	wantMistake(t, "for a file", func() { form.Set("pics", "a.png") })
}

func TestOddForms(t *testing.T) {
	for content, want := range map[string]string{
		`<form action=/a><form action=/b><input name=x value=1></form><input name=y>`:                               "GET /a?x=1  []",
		`<form action=/a><input type=radio name=r value=1 checked><input type=radio name=r value=2 checked></form>`: "GET /a?r=2  []",
		`<form action=/a><select name=s><option disabled>x<option>y</select></form>`:                                "GET /a?s=y  []",
		`<form action=/a><select name=s><option selected>x<option selected>y</select></form>`:                       "GET /a?s=y  []",
		`<form action=/a><select name=s></select></form>`:                                                           "GET /a?  []",
		`<form action=/a><textarea name=t>`:                                                                         "GET /a?t=  []",
		`<form action=/a><textarea name=t>` + "\r\n\n" + `</form></textarea>`:                                       "GET /a?t=%0D%0A%3C%2Fform%3E  []",
		`<form action=/a><input name=x value=1><table></form></table>`:                                              "GET /a?x=1  []",
		`<form action=" /a "><INPUT NAME=x VALUE=1 name=y></FORM>`:                                                  "GET /a?x=1  []",
		`<form action=/a><button name=b value=1 disabled>A</button><button name=b>B</button></form>`:                "GET /a?b=  []",
		`<form action=/a><template><input name=x></template></form>`:                                                "GET /a?  []",
	} {
		b := show(t, content)
		if got := b.Page().Forms()[0].Submit().Body; got != want {
			t.Errorf("%s sends %q; want %q", content, got, want)
		}
	}
}
