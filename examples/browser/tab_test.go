package browser

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A tab shows one page after the other.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// A page is what a person sees of it.
type page struct {
	Path     string
	Notice   string // several are joined by a bar
	User     string // who is logged in
	Text     string
	Restored bool // it lay in the browser's memory and was not asked for
}

// open goes to an address that is typed in.
func (tb *tab) open(url string) page {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		tb.t.Fatalf("%s: %v", url, err)
	}
	return tb.arrive()
}

// follow runs a script that leads away from the page, and returns where it leads.
func (tb *tab) follow(script string) page {
	tb.t.Helper()
	tb.begin(script)
	return tb.arrive()
}

// begin is the first half of follow.
func (tb *tab) begin(script string) {
	tb.t.Helper()
	// A page that comes back from memory has its variables still.
	tb.run(`window.left = true; addEventListener("pageshow", e => { if (e.persisted) { left = false; window.restored = true } })`)
	tb.run(script)
}

// arrive is the second half: it waits for the next page.
func (tb *tab) arrive() page {
	tb.t.Helper()
	return await[page](tb, `!window.left && document.readyState == "complete" && {
		Path: location.pathname,
		Notice: [...document.querySelectorAll(".notice")].map(n => n.innerText).join("|"),
		User: document.querySelector(".who bdi")?.innerText ?? "",
		Text: document.body.innerText,
		Restored: !!window.restored,
	}`)
}

func (tb *tab) reload() page { tb.t.Helper(); return tb.follow("location.reload()") }

func (tb *tab) back() page { tb.t.Helper(); return tb.follow("history.back()") }

// run runs a script.
func (tb *tab) run(script string) {
	tb.t.Helper()
	if _, err := tb.evaluate("{ " + script + " }; null"); err != nil {
		tb.t.Fatalf("%s: %v", script, err)
	}
}

// await evaluates an expression, which may be a promise, until its value is true. A page that is being replaced can't hold a
// promise, so it is asked again; the pause leaves the processor to the browser and decides nothing, and patience only ends a
// test that would wait without end.
func await[T any](tb *tab, expression string) T {
	tb.t.Helper()
	var got T
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		text, err := tb.evaluate("Promise.resolve(" + expression + ").then(v => v ? JSON.stringify(v) : null)")
		switch {
		case text != "":
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				tb.t.Fatalf("%s: %s: %v", expression, text, err)
			}
			return got
		case time.Now().After(deadline): // until then an error means that the page is changing
			tb.t.Fatalf("waited too long for %s; error %v", expression, err)
		}
	}
}

func (tb *tab) evaluate(script string) (string, error) {
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[*string](script, chromedp.EvalAwaitPromise, byPerson))
	if err != nil || got == nil {
		return "", err
	}
	return *got, nil
}

// byPerson makes a script's clicks those of a person: a page that nobody has touched is skipped when going back.
func byPerson(p *runtime.EvaluateParams) {
	yes := true
	p.UserGesture = &yes
}
