package session_test

import (
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
)

func TestS7_ASessionFromTheFutureIsExpired(t *testing.T) {
	for _, path := range []string{"/dark", "/ann"} {
		for ahead, want := range map[time.Duration]string{0: "live", time.Hour: "live", time.Hour + 1: "expired", 10 * 365 * 24 * time.Hour: "expired"} {
			s := newSite(t, common.serve)
			v := s.visitor()
			s.wait(ahead)
			v.get(path)
			s.wait(-ahead)
			if got := v.get("/show").body; got[:len(want)] != want {
				t.Errorf("%s: made while the clock was %v ahead, the session is %q; want it %s", path, ahead, got, want)
			}
		}
	}
}

// The session is older, and was used while the clock was ahead.
func TestS7_ASessionThatWasUsedInTheFutureIsExpired(t *testing.T) {
	long := func(o *session.Options) { o.Idle, o.Absolute = -1, -1 }
	for _, use := range []string{"/light", "/read"} { // a write, and a touch
		s := newSite(t, common.serve, long)
		v := s.visitor()
		v.get("/dark")
		s.wait(2 * time.Hour)
		v.get(use)
		s.wait(-30 * time.Minute)
		if got := v.get("/show").body; got[:4] != "live" {
			t.Errorf("%s: half an hour back it is %q; want it live", use, got)
		}
		s.wait(-time.Hour)
		if got := v.get("/show").body; got[:7] != "expired" {
			t.Errorf("%s: one and a half hours back it is %q; want it expired", use, got)
		}
	}
}
