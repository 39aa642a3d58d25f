package session_test

import (
	"context"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

type userID uint32

// comesBack reports whether an id is the same after it has been an owner.
func comesBack[T comparable](t *testing.T, kind session.Owner[T], id T, want string) {
	t.Helper()
	text, err := kind.Text(id)
	if err != nil || text != want {
		t.Errorf("the owner of %v is %q (%v); want %q", id, text, err, want)
	}
	if got, err := kind.Parse(text); err != nil || got != id {
		t.Errorf("the id of %q is %v (%v); want %v", text, got, err, id)
	}
}

func TestAnIDComesBack(t *testing.T) {
	comesBack(t, session.Owner[int64]("user"), 42, "user:42")
	comesBack(t, session.Owner[int64]("user"), math.MinInt64, "user:-9223372036854775808")
	comesBack(t, session.Owner[uint64]("user"), math.MaxUint64, "user:18446744073709551615")
	comesBack(t, session.Owner[userID](""), 7, "7")
	comesBack(t, session.Owner[string]("user"), "ann:lee", "user:ann:lee")
	comesBack(t, session.Owner[netip.Addr]("host"), netip.MustParseAddr("192.0.2.1"), "host:192.0.2.1")
}

func TestAnOwnerOfAnotherKindHasNoID(t *testing.T) {
	user := session.Owner[int8]("user")
	for _, owner := range []string{"", "42", "user", "user:", "admin:42", "user:x", "user:128", "user:042", "user:+42", "user: 42", "user:42 "} {
		if id, err := user.Parse(owner); err == nil {
			t.Errorf("the id of %q is %d; want an error", owner, id)
		}
	}
	if _, err := (session.Owner[[]int]("user")).Parse("user:1"); err == nil {
		t.Error("a slice is an id")
	}
}

func TestALogInOfATypedOwner(t *testing.T) {
	const user session.Owner[int64] = "user"
	store := memory.New()
	var seen []int64
	h := session.Wrap(store, session.Options{})(func(req ring.Request) ring.Response {
		if id, ok := user.From(req); ok {
			seen = append(seen, id)
		}
		return ring.Text("").With(user.Login(42))
	})
	resp := h(ring.NewRequest("GET", "/", nil))
	owners, ok := stores.As[stores.Owners](store)
	if !ok {
		t.Fatal("the store knows no owners")
	}
	owner, err := user.Text(42)
	if err != nil {
		t.Fatal(err)
	}
	if recs, err := owners.List(context.Background(), owner); err != nil || len(recs) != 1 {
		t.Errorf("%d sessions of %s (%v); want 1", len(recs), owner, err)
	}
	for field := range resp.Header.All("Set-Cookie") {
		if pair, _, _ := strings.Cut(field, ";"); strings.Contains(pair, "owner=") {
			h(ring.NewRequest("GET", "/", nil).WithHeader("Cookie", pair))
		}
	}
	if diff := cmp.Diff([]int64{42}, seen); diff != "" {
		t.Errorf("the ids that the handler saw: %s", diff)
	}
}

func TestAnIDThatHasNoTextFails(t *testing.T) {
	for name, resp := range map[string]ring.Response{
		"slice":        ring.Text("").With(session.Owner[[]int]("user").Login(nil)),
		"empty string": ring.Text("").With(session.Owner[string]("user").Login("")),
		"zone":         ring.Text("").With(session.Owner[time.Time]("user").Login(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))),
	} {
		if resp.Err == nil {
			t.Errorf("%s: the response doesn't fail", name)
		}
	}
}
