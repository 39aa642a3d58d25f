package proof

const (
	commitFile   = "ring/session/commit.go"
	decideFile   = "ring/session/decide.go"
	planFile     = "ring/session/plan.go"
	actFile      = "ring/session/act.go"
	respondFile  = "ring/session/respond.go"
	keepFile     = "stores/keep.go"
	loadFile     = "ring/session/load.go"
	bringFile    = "ring/session/bring.go"
	optionsFile  = "ring/session/options.go"
	flashFile    = "ring/flash/wrap.go"
	kindFile     = "ring/flash/kind.go"
	redirectFile = "ring/flash/redirect.go"
	memoryFile   = "stores/memory/table.go"
)

var mutants = []mutant{
	{"the store looks at no version", memoryFile, "case st.version != expected:", "case false:", "storetest T2"},
	{"a save is an upsert", memoryFile, "\t\treturn t.replace(h, expected, &row)\n",
		"\t\tif err := t.replace(h, expected, &row); err != stores.ErrNotFound {\n\t\t\treturn err\n\t\t}\n", "storetest T2"},
	{"a touch changes the version", memoryFile, "st.seen, st.expires = nanos(seen), nanos(expires)",
		"st.seen, st.expires, st.version = nanos(seen), nanos(expires), st.version+1", "storetest S8"},
	{"a touch goes backwards", memoryFile, "&& nanos(expires) > st.expires {", "{", "storetest S8"},
	{"the index of owners misses a log-in", memoryFile, "\tif moves {\n\t\tt.own(st, row.Owner)", "\tif false {\n\t\tt.own(st, row.Owner)", "storetest T5"},
	{"an insert removes nothing", "stores/memory/sweep.go", "few   = 4 ", "few   = 0 ", "T4"},
	{"a sweep is a minute early", "stores/memory/sweep.go", "slack = time.Minute", "slack = -time.Minute", "storetest T4"},

	{"a conflict is written over", commitFile, "\treturn c.reload(ctx)\n",
		"\tif rec, err := c.m.store.Load(ctx, c.m.token(c.arrival), c.now); err == nil {\n\t\tc.current.Version = rec.Version\n\t\treturn nil\n\t}\n\treturn c.reload(ctx)\n", "C1"},
	{"two sides are merged, not three", "ring/session/merge.go", "mergeValue(base.Get(key), ", "mergeValue(\"\", ", "C1_C2_C3"},
	{"a counter is a plain key", "ring/session/merge.go", "\tcase wire.Counter:\n", "\tcase -2:\n", "C2"},
	{"a late change comes back as a new session", commitFile, "c.gone, c.state, c.current = true,", "c.gone, c.state, c.current = false,", "C4"},
	{"a log-in loses", decideFile, "case f.gone && !f.intent.login:", "case f.gone:", "C4"},
	{"a log-out loses", decideFile, "case f.gone && !f.intent.login:", "case false:", "C4"},
	{"a session with another one inside is attempted", planFile, "if inner := r.arrival.inside.Load(); inner != nil {", "if inner := r.arrival.inside.Load(); false {", "H3"},
	{"a change by handle logs somebody in", "ring/session/sessions.go", "case d.mint != sameToken:", "case false:", "S6"},
	{"a change by handle is made for whoever has logged in", commitFile, "c.m.classify(&rec, err, c.arrival.owned, c.now)",
		"c.m.classify(&rec, err, rec.Owner != \"\", c.now)", "C4"},
	{"any token of a handle opens its session", keepFile, "\tif t.byHandle {\n\t\treturn opened(rec, now)", "\tif true {\n\t\treturn opened(rec, now)", "S3"},
	{"half a page that failed is sent", "ring/response.go", "if err := write(&page); err != nil {", "if err := write(&page); false {", "H3"},
	{"a test's difference shows a token", "ring/show.go", "const longestShown = 31", "const longestShown = 1 << 20", "S4"},
	{"writers do not queue", commitFile, "c.leave, err = queues.Wait(ctx, c.current.Handle)", "c.leave, err = func() {}, nil", "C5"},
	{"a session set after an Amend brings its changes again", planFile, "base = wire.Map(s.from.rec.Data) ", "", "C2"},
	{"an inner session hides behind an Amend", "ring/session/wrap.go", "cmp.Or(other.viewOf, other).inside.Store(m.slot)",
		"other.inside.Store(m.slot)\n\t\t\t_ = cmp.Or(other, other)", "H3"},
	{"a plain handler reads the session that came", "ring/session/amend.go", "if a == nil || cs == nil ||", "if true || a == nil || cs == nil ||", "H3"},
	{"strangers wait for each other", "internal/queue/queue.go", "\tturn := q.enter(k)\n", "\tk = *new(K)\n\tturn := q.enter(k)\n", "C5"},
	{"a commit takes the context that loading had", bringFile, "l.arrival.commit = &l.commit", "l.arrival.commit = &l.deadline", "T6"},
	{"a failed response is saved", commitFile, "c.failure = c.plan.resp.Failure(c.req)", "c.failure = nil", "H3"},
	{"any size is saved", actFile, "p.data.Size() > max {", "false && p.data.Size() > max {", "C6"},
	{"a response that saves nothing looks like one that did", respondFile, "if resp.Err == nil && resp.Status != 0 {", "if false {", "H4"},
	{"a session is too large because of its messages", actFile, "errors.Is(err, ErrTooLarge) && c.plan.shed()", "false && errors.Is(err, ErrTooLarge)", "C6"},
	{"an equal value is written", commitFile, "changed: !p.data.Equal(p.base),", "changed: !p.data.Equal(p.base) || true,", "S1"},
	{"every write sends the cookie", respondFile, "if d.write != writeValue || d.mint == sameToken {", "if d.write != writeValue {", "S9"},
	{"a log-in leaves the anonymous cookie", respondFile, "{anonymous: expireCookie, owner: setCookie}", "{owner: setCookie}", "S9"},

	{"a log-in keeps the token", decideFile, "case f.intent.login || f.intent.renew || f.limits:", "case f.intent.renew || f.limits:", "S6"},
	{"a log-out leaves the record", decideFile, "d.delete = f.intent.delete && (live || f.mayEnd) || otherOwner", "d.delete = otherOwner", "C4"},
	{"another owner's record stays", decideFile, "(live || f.mayEnd) || otherOwner", "(live || f.mayEnd) || otherOwner && false", "S6"},
	{"a log-in leaves the session of before to a late renewal", decideFile, "(live || f.state == Stale && f.mayEnd) && f.owner", "live && f.owner", "S9"},
	{"a stale token begins a session", decideFile, "case !goesOn && f.state == Stale && !f.intent.login && !f.intent.delete:", "case false:", "C4"},
	{"another site begins a session", decideFile, "case !goesOn && f.foreign && !f.intent.login:", "case false:", "S9"},
	{"a log-in keeps the limits of the one before", "ring/session/middleware.go", "rec.Idle, rec.Absolute, rec.Persistent = 0, 0, persistent", "_ = persistent", "S6"},
	{"what is bound stays where Lifetime changes the token", planFile, "case i.login, i.renew, i.otherLimits(current):", "case i.login, i.renew:", "S6"},
	{"a persistent session idles by itself", "ring/session/slot.go", "if persistent && idle == 0 {", "if false {", "S7"},
	{"the age of a cookie is rounded down", "ring/session/cookie.go", "(min(age, maxCookieAge) + time.Second - 1)", "min(age, maxCookieAge)", "S9"},
	{"a lost message is a lost change", "ring/session/refuse.go", "case sameValues(p.data, p.base) &&", "case false &&", "C4"},
	{"what is said instead of an answer may be cached", "ring/session/refuse.go", "resp.Header = resp.Header.Add(\"Cache-Control\", \"no-store\")", "_ = own", "S10"},
	{"an emptied session stays as it was", decideFile, "if goesOn && (f.changed || f.intent.renew) {", "if false {", "S2"},
	{"Renew leaves the token of an emptied session", decideFile, "\t\t\tif f.intent.renew {", "\t\t\tif false {", "C4"},
	{"a log-out fails with its message", actFile, "\t\td.write = writeNothing\n", "\t\treturn token, err\n", "C4"},
	{"a log-out begins with its message", actFile, "\tcase i.delete && !i.login:\n\t\treturn c.logOut(ctx, d)\n\tcase d.write != writeValue:\n\t\treturn stores.Token{}, nil\n",
		"\tcase i.delete && false:\n\tcase d.write != writeValue:\n\t\treturn c.logOut(ctx, d)\n", "C4"},

	{"another owner finds the values", "ring/session/intent.go", "i.delete || i.login && r.Owner != \"\" && r.Owner != i.owner", "i.delete", "S6"},
	{"what is bound to a token survives it", planFile, "return wire.Map(current.Data).WithoutKind(wire.Bound)", "return wire.Map(current.Data)", "S6"},
	{"a log-out saves what was set", planFile, setGuards, setUnguarded, "S5"},
	{"a session of another request is taken", planFile, "case s.from != nil && s.from.request != r.arrival.request:", "case false:", "S5"},

	{"a session from the future lives", optionsFile, "r.Seen.After(latest) || r.Start().After(latest)", "false && latest.IsZero()", "S7"},
	{"any secret opens a session", keepFile, "if subtle.ConstantTimeCompare(hash[:], rec.Verifier[:]) != 1 {", "if hash == [32]byte{} {", "storetest S3"},
	{"an unknown token is adopted", keepFile, "\trow, err := k.table.Load(ctx, h)\n\tif err != nil {\n\t\treturn Record{}, err\n\t}\n\trow.Handle = h\n",
		"\trow, err := k.table.Load(ctx, h)\n\tif err == ErrNotFound {\n\t\treturn Record{Handle: h, Version: 1, Created: now, Seen: now, Expires: now.Add(time.Hour)}, nil\n\t}\n\tif err != nil {\n\t\treturn Record{}, err\n\t}\n\trow.Handle = h\n", "S3"},
	{"what can't be read is not found", keepFile, "return Record{}, fmt.Errorf(\"stores: load %s: %w\", h, err)", "return Record{}, ErrNotFound", "storetest T1"},
	{"what can't be read fails the list", "stores/owners.go", "\t\t_ = rows[i].toRecord(&recs[i]) // what can't be read is listed nevertheless\n",
		"\t\tif err := rows[i].toRecord(&recs[i]); err != nil {\n\t\t\treturn nil, err\n\t\t}\n", "storetest T5"},
	{"a lost answer counts as a yes", keepFile, "\treturn false, errors.Join(ErrOutcomeUnknown, err)\n", "\treturn false, nil\n", "C5"},
	{"a refusal is a lost answer", keepFile, " || errors.Is(err, ErrRefused)", "", "C5"},
	{"a token opens under the name of another cookie", "stores/token.go", "append(append(buf[:0], s[:]...), cookie...)", "append(buf[:0], s[:]...)", "S3"},
	{"a renewal keeps the secret", keepFile, "rec.Verifier, rec.Renewed = s.verifier(t.cookie), rec.Seen", "rec.Renewed = rec.Seen", "C4"},
	{"a renewed token stays valid", keepFile, "rec.Previous, rec.PreviousUntil = rec.Verifier, time.Time{}", "rec.Previous, rec.PreviousUntil = rec.Verifier, rec.Seen.Add(staleWindow)", "C4"},

	{"each of several requests brings a session over", bringFile, "if errors.Is(err, stores.ErrConflict) { // another", "if errors.Is(err, stores.ErrConflict) {\n\t\treturn t, nil\n\t}\n\tif false { // another", "C1"},
	{"another site brings a session over", bringFile, "if m.opts.isForeign(req) {", "if false {", "S9"},
	{"a session that is brought over begins now", bringFile, "if rec.Created.IsZero() ||", "if true ||", "S7"},
	{"the anonymous cookie comes first", loadFile, "ownerFirst = [2]bool{true, false}", "ownerFirst = [2]bool{false, true}", "S9"},
	{"any number of cookies is tried", loadFile, "if tried == maxTried {", "if false {", "S3"},
	{"a store that is down has no session", loadFile, "\treturn None, err\n}\n", "\treturn Unknown, nil\n}\n", "T6"},
	{"a reader gets its cookie again", "ring/session/wrap.go", "\t\tm.touchIfDue(req, a)\n\t\treturn m.keepPrivate(a, resp)\n",
		"\t\tm.touchIfDue(req, a)\n\t\tif a.state == Live {\n\t\t\tresp.Header = resp.Header.Add(\"Set-Cookie\", m.cookies.set(a.owned, m.token(a), 0))\n\t\t}\n\t\treturn m.keepPrivate(a, resp)\n", "S9"},
	{"every read is a touch", "ring/session/touch.go", "now.Sub(rec.Seen) >= every", "true", "S8"},
	{"a touch writes the record", "ring/session/touch.go", "err := m.store.Touch(ctx, m.token(a), rec); err != nil {",
		"_, err := m.store.Save(ctx, m.token(a), rec, false); err != nil {", "S8"},
	{"there is no absolute limit", optionsFile, "max(0, cmp.Or(r.Absolute, o.Absolute))", "0", "S7"},
	{"an emptied session does not fade", optionsFile, "\tif r.IsEmpty() {\n\t\treturn now.Add(emptyLifetime)", "\tif false {\n\t\treturn now.Add(emptyLifetime)", "S2"},
	{"answers may be cached by anybody", "ring/session/caching.go", "Value: \"private\"", "Value: \"public\"", "S10"},
	{"a session made from scratch takes the messages with it", planFile, "base = withoutReserved(base) ", "", "S5"},

	{"a poll takes what waits for a navigation", flashFile, "return asked == navigation", "return true", "F1"},
	{"a poll takes the message", flashFile, "return m.to.path == path(req.URL.Path) && m.to.kind == asked", "return true", "F2"},
	{"a prefetch takes the message", flashFile, " && !isPrefetch(v.req.Header)", "", "F2"},
	{"a prefetch by Turbo takes the message", kindFile, "strings.Contains(h.Get(turboPurpose), \"prefetch\") || ", "", "F2"},
	{"a preload by htmx takes the message", kindFile, " || isTrue(h, hxPreloaded)", "", "F2"},
	{"a boosted link is no navigation", kindFile, "isTrue(h, hxBoosted) || ", "", "F1"},
	{"htmx going back is no navigation", kindFile, "isTrue(h, hxHistoryRestore) ||\n", "\n", "F1"},
	{"a frame of Turbo takes what waits", kindFile, " && !has(h, turboFrame)", "", "F2"},
	{"a script that uses Turbo takes what waits", kindFile, " && !has(h, requestedWith)", "", "F2"},
	{"a poll without metadata takes what waits", kindFile, "isTrue(h, hxRequest) || ", "", "F2"},
	{"HX-Location is boosted if the request is", redirectFile, "redirect{fetchMetadata(v.req.Header), location, true}", "redirect{kindOf(v.req.Header), location, true}", "F1"},
	{"HX-Redirect is fetched", redirectFile, "redirect{navigation, location, true}", "redirect{fetchMetadata(v.req.Header), location, true}", "F1"},
	{"HX-Location is relative to the request", redirectFile, "if r.byScript {", "if !r.byScript {", "F1"},
	{"a message is for any path", flashFile, "m.to.path == path(req.URL.Path) && ", "", "F1"},
	{"a message is shown to both", flashFile, "sh.runs > 1 {", "sh.runs > 1<<30 {", "F3"},
	{"a message stays when a page sends another", flashFile, "if arrived.Len() == 0 || v.fails(resp) {", "if arrived.Len() == 0 || resp.Failure(req) != nil {", "F3"},
	{"a redirect takes the message", flashFile, "if sh.forwards(resp) || resp.IsPlaceholder()", "if resp.IsPlaceholder()", "F4"},
	{"messages that nobody fetches pile up", flashFile, "if waiting+n <= maxWaiting && ", "if waiting+n <= 1<<20 && ", "F4"},
	{"large messages pile up", flashFile, "(bytes <= maxBytes || waiting == 1)", "true", "F4"},
	{"a page with a message may be stored", flashFile, "Value: \"no-store\"}", "Value: \"private\"}", "S10"},

	{"any secret of a session is a token's", "ring/csrf/secret.go", "subtle.ConstantTimeCompare(key.Get(s), want[:]) == 1",
		"subtle.ConstantTimeCompare(key.Get(s), want[:]) == 1 || token != \"\"", "TestWithoutAnOriginASessionNeedsItsToken"},
	{"a CSRF secret outlives a log-in", "ring/csrf/secret.go", "type secretKey = session.Bound[[]byte]", "type secretKey = session.Key[[]byte]",
		"TestALogInAndARenewalEndTheToken"},
	{"a CSRF token is not masked", "ring/csrf/secret.go", "_, _ = rand.Read(t[:len(s)])", "", "TestEachPageHasAnotherTextOfTheToken"},
	{"one secret replaces the others", "ring/csrf/secret.go", "left > n ||", "left > 0 ||", "TestTokensOfPagesThatAreMadeAtOnceAllWork"},
	{"hosts are compared and schemes are not", "ring/csrf/check.go", `req.Scheme == "https" && strings.HasPrefix(origin, "http:")`, "strings.HasPrefix(origin, \"no:\")",
		"TestARequestOfAnotherOriginIsRefused"},
	{"another origin may do what it likes", "ring/csrf/check.go", "if g.origins.Check(r) != nil {", "if false {", "TestARequestOfAnotherOriginIsRefused"},
	{"what would be redirected is exempt", "ring/csrf/check.go", "_, is := h.(exempt)", "_, is := h.(http.Handler)", "TestTrustedOriginsAndExemptPathsAreLetThrough"},
	{"whoever comes is logged in", "ring/csrf/check.go", "if v.mayNotLogIn &&", "if false &&", "TestNobodyIsLoggedInByARequestOfUnknownOrigin"},
	{"a one-time token stays", "ring/csrf/check.go", "return verdict{used: key}", "key = \"\"\n\t\treturn verdict{used: key}", "TestAOneTimeTokenIsGoodForOneRequest"},
	{"a page with a token may be shared", "ring/csrf/page.go", "resp.Header = private(resp.Header)", "", "TestAPageWithATokenIsInNoSharedCache"},
	{"each page stores a secret", "ring/csrf/check.go", "p := &page{", "p := &page{asked: true, fresh: true, ", "TestAPageWithoutATokenGivesNobodyASession"},
}

// Setting and merging both leave alone what a log-out ends; one of them would do.
const (
	setGuards = `	if r.intent.delete {
		return v
	}
	if !r.accepts(s) {
		return v
	}
	base := wire.Map(r.arrival.rec.Data)
	if s.from == nil {
		base = withoutReserved(base) // of which s says nothing
	} else {
		base = wire.Map(s.from.rec.Data) // another one if s was read after an Amend
	}
	return r.merge(base, s.data, v)
}

func (r *resolver) merge(base, mine, v wire.Map) wire.Map {
	if r.intent.delete {
		return v
	}
`
	setUnguarded = `	if !r.accepts(s) {
		return v
	}
	base := wire.Map(r.arrival.rec.Data)
	if s.from == nil {
		base = withoutReserved(base) // of which s says nothing
	} else {
		base = wire.Map(s.from.rec.Data) // another one if s was read after an Amend
	}
	return r.merge(base, s.data, v)
}

func (r *resolver) merge(base, mine, v wire.Map) wire.Map {
`
)
