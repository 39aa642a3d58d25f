package secure

import (
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync"

	"github.com/signet-go/signet/ring"
)

var (
	layer    = ring.NewLayer("secure.Wrap")
	nonceKey = ring.KeyOf[*nonce](layer, "nonce")
)

// Nonce returns the nonce of the response to req, for a script or style element within a page:
//
//	<script nonce="{{.Nonce}}">…</script>
//
// The policy allows the element if it has {nonce} where scripts, or styles, are allowed. Each response has another one,
// and one that is never asked for is in no policy. A page with a nonce is not for caches that several visitors share. It
// has to be asked for before the response is returned, and in a plain handler before its first byte; later it is "".
// Without [Wrap] around a served request, the response fails with an error that says so. In a test that calls a handler
// as a function it returns "".
func Nonce(req ring.Request) string {
	n := nonceKey.Expect(req)
	if n == nil {
		return ""
	}
	return (*n).get()
}

// A nonce is made when it is first asked for. Handlers may ask from several goroutines.
type nonce struct {
	mu    sync.Mutex
	value string
	sent  bool
}

func (n *nonce) get() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.value != "":
	case n.sent:
		slog.Warn("secure: the nonce was asked for after the first byte of the response, so there is none")
	default:
		var b [16]byte
		_, _ = rand.Read(b[:])
		n.value = base64.RawStdEncoding.EncodeToString(b[:])
	}
	return n.value
}

// taken returns the nonce, "" if nobody has asked for it. From now on there is no other.
func (n *nonce) taken() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent = true
	return n.value
}

// A policy is a Content-Security-Policy, cut where nonces belong.
type policy struct {
	parts   []string // before, between and after the nonces
	without string   // the policy of a page that has no nonce
}

const placeholder = "{nonce}"

func parse(text string) policy {
	p := policy{parts: strings.Split(text, placeholder), without: text}
	if len(p.parts) == 1 {
		return p
	}
	var directives []string
	for d := range strings.SplitSeq(text, ";") {
		if strings.Contains(d, placeholder) {
			words := strings.Fields(strings.ReplaceAll(d, placeholder, ""))
			if len(words) == 1 {
				words = append(words, "'none'") // without sources it would allow nothing too, but some checkers complain
			}
			d = strings.Join(words, " ")
		}
		directives = append(directives, strings.TrimSpace(d))
	}
	p.without = strings.Join(directives, "; ")
	return p
}

func (p policy) isEmpty() bool { return p.without == "" }

// with returns the policy of a page with a nonce, or with "" for none.
func (p policy) with(nonce string) string {
	if nonce == "" {
		return p.without
	}
	return strings.Join(p.parts, "'nonce-"+nonce+"'")
}
