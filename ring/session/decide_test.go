package session

import "testing"

// The cells of the table in docs/sessions.md, row by row. What differs from the laws in one cell is the broken variant
// that TestS_TheTableCatchesABrokenDecision flips.
var table = []struct {
	says string
	facts
	none, dead, stale, live, gone string
}{
	{"nothing, or an equal value", facts{empty: true}, "leave", "leave", "leave", "leave", "drop"},
	{"nothing, and a touch is due", facts{touchDue: true}, "leave", "leave", "leave", "touch", "drop"},
	{"a different value", facts{changed: true}, "create", "create", "drop", "save", "drop"},
	{"a different value, touch due", facts{changed: true, touchDue: true}, "create", "create", "drop", "save", "drop"},
	{"an empty value, different", facts{changed: true, empty: true}, "leave", "leave", "leave", "save", "drop"},
	{"an empty value that was empty", facts{empty: true, touchDue: true}, "leave", "leave", "leave", "leave", "drop"},
	{"Renew of a value", facts{intent: intent{renew: true}}, "create", "create", "drop", "renew", "drop"},
	{"Renew of a different value", facts{intent: intent{renew: true}, changed: true}, "create", "create", "drop", "renew", "drop"},
	{"Renew of an empty value", facts{intent: intent{renew: true}, empty: true}, "leave", "leave", "leave", "renew", "drop"},
	{"Renew of a value that was emptied", facts{intent: intent{renew: true}, empty: true, changed: true}, "leave", "leave", "leave", "renew", "drop"},
	{"Login", facts{intent: intent{login: true, owner: "ann"}, empty: true}, "create", "create", "create", "renew", "create"},
	{"Login, and the token was the last one of somebody else's", facts{intent: intent{login: true, owner: "ann"}, empty: true, owner: "bob", mayEnd: true}, "create", "create", "replace", "replace", "create"},
	{"Login, and the token was the last one of the owner's", facts{intent: intent{login: true, owner: "ann"}, empty: true, owner: "ann", mayEnd: true}, "create", "create", "create", "renew", "create"},
	{"Login and a value", facts{intent: intent{login: true, owner: "ann"}, changed: true}, "create", "create", "create", "renew", "create"},
	{"Lifetime", facts{limits: true}, "leave", "leave", "leave", "renew", "drop"},
	{"Delete", facts{intent: intent{delete: true}, empty: true}, "leave", "expire the cookie", "expire the cookie", "delete", "drop"},
	{"Delete and an Update that leaves something", facts{intent: intent{delete: true}, changed: true}, "create", "create, expire the cookie", "create, expire the cookie", "replace", "drop"},
	{"Delete and Renew", facts{intent: intent{delete: true, renew: true}, empty: true}, "leave", "expire the cookie", "expire the cookie", "delete", "drop"},
	{"Delete and Login", facts{intent: intent{delete: true, login: true, owner: "ann"}, empty: true}, "create", "create, expire the cookie", "create, expire the cookie", "replace", "create, expire the cookie"},
	{"a different value, of another site", facts{changed: true, foreign: true}, "drop", "drop", "drop", "save", "drop"},
	{"Renew of another site", facts{intent: intent{renew: true}, foreign: true}, "drop", "drop", "drop", "renew", "drop"},
	{"nothing, of another site", facts{foreign: true}, "leave", "leave", "leave", "leave", "drop"},
	{"Login of another site", facts{intent: intent{login: true, owner: "ann"}, changed: true, foreign: true}, "create", "create", "create", "renew", "create"},
	{"Discard", facts{intent: intent{discard: true}, changed: true, touchDue: true}, "leave", "leave", "leave", "leave", "leave"},
	{"Discard of everything", facts{intent: intent{discard: true, delete: true, renew: true, login: true, owner: "ann"}, changed: true}, "leave", "leave", "leave", "leave", "leave"},
	{"a failed response", facts{failed: true, changed: true, touchDue: true}, "leave", "leave", "leave", "leave", "leave"},
	{"a failed response with Delete", facts{failed: true, intent: intent{delete: true}}, "leave", "leave", "leave", "leave", "leave"},
}

// mismatches returns the cells in which a decision differs from the table.
func mismatches(decide func(facts) Decision) []string {
	var wrong []string
	check := func(says string, f facts, s State, want string) {
		f.state = s
		if got := decide(f).String(); got != want {
			wrong = append(wrong, says+", "+s.String()+": "+got+"; want "+want)
		}
	}
	for _, row := range table {
		check(row.says, row.facts, None, row.none)
		for _, dead := range []State{Malformed, Unknown, Expired, Undecodable} {
			check(row.says, row.facts, dead, row.dead)
		}
		check(row.says, row.facts, Stale, row.stale)
		check(row.says, row.facts, Live, row.live)
		row.facts.gone = true
		check(row.says+", and the session is gone", row.facts, Unknown, row.gone)
	}
	return wrong
}

func TestS_TheDecisionIsTheTable(t *testing.T) {
	for _, m := range mismatches(decide) {
		t.Error(m)
	}
}

func TestS_TheTableCatchesABrokenDecision(t *testing.T) {
	for name, broken := range map[string]func(facts) Decision{
		"a dead token is adopted": func(f facts) Decision {
			d := decide(f)
			if f.state == Unknown && d.mint == newRecord {
				d.mint = sameToken
			}
			return d
		},
		"a stale token creates": func(f facts) Decision {
			if f.state == Stale {
				f.state = Unknown
			}
			return decide(f)
		},
		"a change of a session that is gone begins another one": func(f facts) Decision {
			f.gone = false
			return decide(f)
		},
		"a log-in is dropped as the session is gone": func(f facts) Decision {
			if f.gone && f.intent.login && !f.failed && !f.intent.discard {
				return Decision{dropped: droppedLost}
			}
			return decide(f)
		},
		"a failed response saves": func(f facts) Decision {
			f.failed = false
			return decide(f)
		},
		"an empty session is deleted at once": func(f facts) Decision {
			d := decide(f)
			if f.state == Live && f.empty && f.changed && d.write == writeValue {
				return Decision{delete: true}
			}
			return d
		},
		"a log-in keeps the token": func(f facts) Decision {
			d := decide(f)
			if f.intent.login && d.mint == newToken {
				d.mint = sameToken
			}
			return d
		},
		"a session that was emptied keeps its token at Renew": func(f facts) Decision {
			d := decide(f)
			if f.empty && d.mint == newToken && !f.intent.login {
				d.mint = sameToken
			}
			return d
		},
		"an empty session is touched": func(f facts) Decision {
			if f.state == Live && f.touchDue && f.empty {
				return Decision{write: writeExpiry}
			}
			return decide(f)
		},
	} {
		if len(mismatches(broken)) == 0 {
			t.Errorf("the table does not notice that %s", name)
		}
	}
}

func TestS6_TheOwnerDecidesWhetherTheRecordGoesOn(t *testing.T) {
	for _, c := range []struct {
		name   string
		owner  string
		asks   intent
		empty  bool
		change bool
		want   string
	}{
		{"from nobody to somebody it does, under a new token", "", intent{login: true, owner: "ann"}, false, false, "renew"},
		{"for the same owner it does, under a new token", "ann", intent{login: true, owner: "ann"}, true, false, "renew"},
		{"from one owner to another it ends", "ann", intent{login: true, owner: "bob"}, true, false, "replace"},
		{"without keys but with an owner it is not empty", "ann", intent{}, true, true, "save"},
		{"Renew of an owner's session without keys", "ann", intent{renew: true}, true, false, "renew"},
	} {
		d := decide(facts{state: Live, owner: c.owner, intent: c.asks, empty: c.empty, changed: c.change})
		if d.String() != c.want {
			t.Errorf("%s: %s; want %s", c.name, d, c.want)
		}
	}
}

func TestC4_AStaleTokenThatWasTheLastOneMayEndItsSession(t *testing.T) {
	d := decide(facts{state: Stale, intent: intent{delete: true}, empty: true, mayEnd: true})
	if !d.delete || !d.expire {
		t.Errorf("%+v; want the session ended", d)
	}
	if d = decide(facts{state: Stale, intent: intent{delete: true}, empty: true}); d.delete {
		t.Errorf("a token that only has the handle right ends the session")
	}
}

// Whatever else is true, nothing but a log-in is written for a session that is gone: a log-out or a renewal that was faster
// wins.
func TestC4_NothingButALogInOutlivesASessionThatIsGone(t *testing.T) {
	for bits := range 1 << 10 {
		is := func(n int) bool { return bits>>n&1 == 1 }
		f := facts{
			gone: true, state: Unknown, intent: intent{delete: is(0), renew: is(1), discard: is(2), lifetime: is(3)}, failed: is(4),
			changed: is(5), empty: is(6), foreign: is(7), limits: is(8), touchDue: is(9),
		}
		if d := decide(f); d.write != writeNothing || d.delete {
			t.Errorf("%+v: %s", f, d)
		}
		f.intent.login, f.intent.owner = true, "ann"
		if d := decide(f); !f.failed && !f.intent.discard && (d.write != writeValue || d.mint != newRecord) {
			t.Errorf("%+v: %s; want a new session for the owner", f, d)
		}
	}
}
