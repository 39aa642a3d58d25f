package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience ends a test that would wait without end. It is far longer than anything takes, on whatever machine.
const patience = 10 * time.Minute

// tabs are those of the one Chromium that all tests share, as opening one takes long; none where it is not installed.
var tabs []context.Context

// atEnd is what is done after the last test, in the opposite order.
var atEnd []func()

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	defer func() {
		for _, f := range slices.Backward(atEnd) {
			f()
		}
	}()
	path, err := exec.LookPath("chromium")
	if err != nil {
		return m.Run()
	}
	if err := start(path); err != nil {
		fmt.Fprintln(os.Stderr, "chromium does not start:", err)
		return 1
	}
	return m.Run()
}

func start(path string) error {
	profile, err := os.MkdirTemp("", "signet-chromium")
	if err != nil {
		return err
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.IgnoreCertErrors, // of the tests' own servers
		chromedp.NoSandbox,        // else root can't start it
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	)...)
	ctx, cancel := chromedp.NewContext(allocator)
	atEnd = append(atEnd, func() { _ = os.RemoveAll(profile) }, stop, cancel)
	if err := chromedp.Do(ctx); err != nil { // a deadline of this context would end the process
		return err
	}
	tabs = append(tabs, ctx)
	return nil
}

// A browser is what one person uses: its tabs share cookies. Each test has one without any, and sites that no other test
// has been to.
type browser struct {
	t    *testing.T
	used int // tabs
}

func open(t *testing.T) *browser {
	t.Helper()
	if len(tabs) == 0 {
		const missing = "chromium is not in the PATH (apt-get install chromium)"
		if os.Getenv("SIGNET_TEST_REQUIRE") == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	b := &browser{t: t}
	t.Cleanup(b.leave)
	return b
}

// tab is another tab.
func (b *browser) tab() *tab {
	b.t.Helper()
	if b.used == len(tabs) {
		ctx, cancel := chromedp.NewContext(tabs[0])
		if err := chromedp.Do(ctx); err != nil {
			b.t.Fatal(err)
		}
		tabs, atEnd = append(tabs, ctx), append(atEnd, cancel)
	}
	b.used++
	return &tab{b.t, tabs[b.used-1]}
}

// leave empties the tabs and forgets the cookies.
func (b *browser) leave() {
	for _, ctx := range tabs[:b.used] {
		(&tab{b.t, ctx}).open("about:blank")
	}
	if _, err := chromedp.Call(tabs[0], network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
}
