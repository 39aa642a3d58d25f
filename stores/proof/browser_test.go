package proof

import (
	"strings"
	"time"
)

// A browser is a jar for two cookies, as the model sees it.
type browser struct {
	name             string
	anonymous, owned kept
}

// A kept is a cookie.
type kept struct {
	tok   *token // nil: none
	until time.Time
}

func (k kept) at(now time.Time) *token {
	if k.tok == nil || !k.until.IsZero() && !now.Before(k.until) {
		return nil
	}
	return k.tok
}

// header is the Cookie field that the browser sends.
func header(owned, anonymous *token) string {
	var pairs []string
	if anonymous != nil {
		pairs = append(pairs, anonymousCookie+"="+anonymous.text)
	}
	if owned != nil {
		pairs = append(pairs, ownerCookie+"="+owned.text)
	}
	return strings.Join(pairs, "; ")
}

// take does what an answer says about cookies.
func (b *browser) take(a answer, now time.Time) {
	for which, k := range []*kept{&b.anonymous, &b.owned} {
		if a.forgets[which] {
			*k = kept{}
		}
	}
	if a.minted == nil {
		return
	}
	k := kept{tok: a.minted}
	if a.lasts > 0 {
		k.until = now.Add(a.lasts)
	}
	if a.mintsOwned {
		b.owned = k
	} else {
		b.anonymous = k
	}
}

// restart forgets what belongs to the browser session.
func (b *browser) restart() {
	for _, k := range []*kept{&b.anonymous, &b.owned} {
		if k.until.IsZero() {
			*k = kept{}
		}
	}
}
