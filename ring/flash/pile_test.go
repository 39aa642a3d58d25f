package flash_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
)

// piling sends messages of the size in the query, for which nobody comes.
func piling(req ring.Request) ring.Response {
	switch req.URL.Path {
	case "/say":
		var n int
		_, _ = fmt.Sscan(req.Query("size"), &n)
		return ring.Text("").With(notice.Put(req.Query("name") + strings.Repeat("x", n)))
	case "/login":
		return ring.Redirect("/page").With(session.Login("ann"), notice.Put("Welcome."))
	}
	return pages(req)
}

// say sends messages named by the numbers from first on.
func say(t *testing.T, b *browser, first, n, size int) {
	t.Helper()
	for i := first; i < first+n; i++ {
		b.wait(1)
		if w := b.as("cors", "empty").do("POST", fmt.Sprintf("/say?name=%d&size=%d", i, size)); w.Code != 200 {
			t.Fatalf("message %d: %d", i, w.Code)
		}
	}
}

func TestF4_TheNewestMessagesWait(t *testing.T) {
	b := open(t, piling)
	say(t, b, 1, 400, 0)
	want(t, "after 400 messages", b.get("/page"), "385|386|387|388|389|390|391|392|393|394|395|396|397|398|399|400")

	say(t, b, 1, 400, 0)
	b.wait(1)
	b.post("/login")
	want(t, "after a log-in", b.get("/page"), "386|387|388|389|390|391|392|393|394|395|396|397|398|399|400|Welcome.")
}

func TestF4_LargeMessagesLeaveRoom(t *testing.T) {
	b := open(t, piling)
	say(t, b, 1, 9, 1000)
	sizes := func(shown string) (names []string) {
		for m := range strings.SplitSeq(shown, "|") {
			names = append(names, strings.TrimRight(m, "x"))
		}
		return names
	}
	want(t, "of 1000 bytes each", fmt.Sprint(sizes(b.get("/page"))), "[6 7 8 9]")

	say(t, b, 1, 1, 1000)
	say(t, b, 2, 2, 10_000)
	want(t, "of 10,000 bytes each", fmt.Sprint(sizes(b.get("/page"))), "[2 3]")
}

func TestF4_AResponseMaySendAnyNumberOfMessages(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		if req.URL.Path == "/many" {
			resp := ring.Redirect("/page")
			for i := range 20 {
				resp = resp.With(notice.Put(fmt.Sprint(i)))
			}
			return resp
		}
		return piling(req)
	})
	say(t, b, 1, 3, 0)
	b.wait(1)
	b.post("/many")
	want(t, "all of the last response, none from before", b.get("/page"), "0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19")
}

func TestC6_AMessageThatIsTooLargeAloneIsAFailureAndALogInIsNot(t *testing.T) {
	b := open(t, piling)
	if w := b.do("POST", "/say?size=70000"); w.Code != 413 {
		t.Errorf("a message of 70,000 bytes and nothing else: %d; want a failure of 413", w.Code)
	}
	const huge flash.Key[string] = "huge"
	b = open(t, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return ring.Redirect("/page").With(theme.Put("dark"), session.Login("ann"), huge.Put(strings.Repeat("x", 70_000)))
		}
		return ring.Text(session.Info(req).Owner + huge.Get(req))
	})
	b.post("/")
	want(t, "a log-in with a message that doesn't fit", b.get("/page"), "ann")
}
