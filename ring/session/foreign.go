package session

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/signet-go/signet/ring"
)

// A request that another site has made comes without cookies whose SameSite is Lax or Strict. A session that it began
// would take the place of the visitor's own, whose cookie was not sent: browsers keep what is set on a navigation.

var errForeign = errors.New("session: a request made by another site begins no anonymous session, as its cookie could replace that of the visitor's own")

// isForeign reports whether another site has made a request in a way in which our cookies don't come along. A link to
// us is none: it brings Lax cookies.
func (o *Options) isForeign(req *ring.Request) bool {
	if o.Cookie.SameSite == http.SameSiteNoneMode {
		return false
	}
	if site, sent := req.Header.Lookup("Sec-Fetch-Site"); sent {
		return site == "cross-site" && !(req.Method == http.MethodGet && req.Header.Get("Sec-Fetch-Mode") == "navigate")
	}
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		return false
	}
	origin, sent := req.Header.Lookup("Origin")
	return sent && !isHost(origin, req.Host)
}

// isHost reports whether an origin is of a host. The scheme doesn't count, as a proxy may have taken it off, so neither
// do its default ports.
func isHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(withoutPort(u.Host), withoutPort(host))
}

func withoutPort(host string) string {
	for _, port := range [2]string{":80", ":443"} {
		host = strings.TrimSuffix(host, port)
	}
	return host
}
