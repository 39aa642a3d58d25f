package secure

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/signet-go/signet/ring"
)

// BasicAuth returns a middleware that lets those in whose user name and password check accepts, by HTTP Basic
// authentication (RFC 7617). Everybody else gets 401, at which a browser asks for both. It is for a few people and a page
// behind the scenes: there is no log-out, and each request has the password in it, so it belongs behind https.
//
// The function check is called for each request, by several at once. It must take the same time for any user, known or
// not: compare hashes by crypto/subtle, as those of bcrypt do. The realm names what is protected. BasicAuth
// panics if it is not printable ASCII without quotes and backslashes, or if check is nil.
func BasicAuth(realm string, check func(req ring.Request, user, password string) bool) ring.Middleware {
	if check == nil {
		panic("secure: BasicAuth: no check")
	}
	if strings.ContainsFunc(realm, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		panic(fmt.Sprintf("secure: BasicAuth: the realm can't be %q", realm))
	}
	challenge := fmt.Sprintf(`Basic realm="%s", charset="UTF-8"`, realm)
	return func(next ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			r := http.Request{Header: http.Header{"Authorization": {req.Header.Get("Authorization")}}}
			if user, password, ok := r.BasicAuth(); ok && check(req, user, password) {
				return next(req)
			}
			return ring.Fail(&ring.Error{Status: http.StatusUnauthorized}).With(ring.SetHeader("WWW-Authenticate", challenge))
		}
	}
}
