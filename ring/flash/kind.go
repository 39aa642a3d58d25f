package flash

import (
	"strings"

	"github.com/signet-go/signet/ring"
)

// The header fields of htmx and Turbo, in the canonical form: a look-up of any other allocates.
const (
	hxBoosted        = "Hx-Boosted"
	hxCurrentURL     = "Hx-Current-Url"
	hxHistoryRestore = "Hx-History-Restore-Request"
	hxLocation       = "Hx-Location"
	hxPreloaded      = "Hx-Preloaded"
	hxRedirect       = "Hx-Redirect"
	hxRefresh        = "Hx-Refresh"
	hxRequest        = "Hx-Request"
	turboFrame       = "Turbo-Frame"
	turboPurpose     = "X-Sec-Purpose"
	turboRequest     = "X-Turbo-Request-Id"
	requestedWith    = "X-Requested-With"
)

// A kind is the Sec-Fetch-Mode and Sec-Fetch-Dest of a request, or those of the navigation that it stands for.
type kind struct{ mode, dest string }

// navigation is the kind of a top-level navigation.
var navigation = kind{"navigate", "document"}

// kindOf returns the kind of a request. It is a navigation also if a script loads a whole page in place of one, or if
// nothing tells: browsers send fetch metadata since 2019 to 2023, and only to origins with HTTPS and to localhost.
func kindOf(h ring.Header) kind {
	k := fetchMetadata(h)
	if isVisit(h) || k == (kind{}) && !isByScript(h) {
		return navigation
	}
	return k
}

func fetchMetadata(h ring.Header) kind { return kind{h.Get("Sec-Fetch-Mode"), h.Get("Sec-Fetch-Dest")} }

// isVisit reports whether htmx or Turbo loads a page in place of a navigation: a boosted link or form, a page of the
// history that htmx has not kept, a visit of Turbo Drive. Turbo numbers all of its requests. Those for a frame name
// the frame, and scripts that use Turbo.fetch say X-Requested-With, as @rails/request.js does.
func isVisit(h ring.Header) bool {
	return isTrue(h, hxBoosted) || isTrue(h, hxHistoryRestore) ||
		has(h, turboRequest) && !has(h, turboFrame) && !has(h, requestedWith)
}

// isByScript reports whether a request without fetch metadata says itself that a script sends it.
func isByScript(h ring.Header) bool {
	return isTrue(h, hxRequest) || has(h, turboFrame) || has(h, requestedWith)
}

// isPrefetch reports whether a browser, Turbo or htmx's extension preload loads a page that nobody has asked for yet.
func isPrefetch(h ring.Header) bool {
	return strings.Contains(h.Get("Sec-Purpose"), "prefetch") ||
		strings.Contains(h.Get(turboPurpose), "prefetch") || isTrue(h, hxPreloaded)
}

func has(h ring.Header, name string) bool { return h.Get(name) != "" }

func isTrue(h ring.Header, name string) bool { return h.Get(name) == "true" }
