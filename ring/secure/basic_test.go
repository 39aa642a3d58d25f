package secure_test

import (
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/secure"
)

func TestBasicAuthLetsInWhoeverCheckAccepts(t *testing.T) {
	h := secure.BasicAuth("back office", func(_ ring.Request, user, password string) bool {
		return user == "ann" && password == "päss:word"
	})(func(ring.Request) ring.Response { return ring.Text("in") })
	for name, c := range map[string]struct {
		field  string
		status int
	}{
		"user and password": {"Basic YW5uOnDDpHNzOndvcmQ=", 200},
		"a wrong password":  {"Basic YW5uOndyb25n", 401},
		"nothing":           {"", 401},
		"another scheme":    {"Bearer YW5uOnDDpHNzOndvcmQ=", 401},
		"no base64":         {"Basic !", 401},
		"no colon":          {"Basic YW5u", 401},
	} {
		t.Run(name, func(t *testing.T) {
			resp := h(request("https").WithHeader("Authorization", c.field))
			if resp.Status != c.status {
				t.Fatalf("status %d; want %d", resp.Status, c.status)
			}
			asked := resp.Header.Get("WWW-Authenticate")
			if want := `Basic realm="back office", charset="UTF-8"`; (asked == want) != (c.status == 401) {
				t.Errorf("WWW-Authenticate: %q", asked)
			}
			if c.status == 401 && strings.Contains(ringtest.Body(resp)+resp.Err.Error(), "wrong") {
				t.Error("the refusal shows the password")
			}
		})
	}
}

func TestBasicAuthPanicsAtOnce(t *testing.T) {
	ok := func(ring.Request, string, string) bool { return true }
	for name, f := range map[string]func(){
		"no check":             func() { secure.BasicAuth("realm", nil) },
		"a realm with a quote": func() { secure.BasicAuth(`a"b`, ok) },
		"a realm of two lines": func() { secure.BasicAuth("a\nb", ok) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is accepted")
				}
			}()
			f()
		})
	}
}
