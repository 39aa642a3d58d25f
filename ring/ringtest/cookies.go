package ringtest

import "net/http"

// Cookies returns what the jar holds for all sites and has not expired, in the order of creation, HttpOnly ones too.
// Domain is empty where the cookie is for one host only.
//
// The jar keeps the rules of RFC 6265bis and Chromium: Secure cookies and the names that ask for them (__Host-,
// __Secure-) are taken from and sent to https, and http on localhost and 127.0.0.1; what names a domain or an attribute
// that the server may not use, has a control character or over 4096 bytes, is refused (see Page.Refused); a cookie
// without SameSite is Lax, except that within two minutes it is also sent with a form POST from another site. Cookies
// with SameSite=None are sent from any page. What is missing is the limit to the number of cookies, and most of the
// list of public suffixes.
func (b *Browser) Cookies() []*http.Cookie { return b.jar.all(b.now()) }

// Cookie returns the cookie of a name that would be sent first to the origin of the browser, whatever its path, and
// whether there is one.
func (b *Browser) Cookie(name string) (http.Cookie, bool) {
	return b.jar.named(b.now(), name, b.origin)
}

// SetCookie puts a cookie into the jar as if the origin of the browser had sent this Set-Cookie field from its root. It
// ends the test if the browser refuses it.
func (b *Browser) SetCookie(field string) {
	b.help()
	root := b.origin.JoinPath("/")
	if err := b.jar.take(b.now(), field, root, reach{relation: strict, top: siteOf(root)}); err != nil {
		b.fatalf("the browser refuses the cookie %q: %v", field, err)
	}
}
