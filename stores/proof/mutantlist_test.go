package proof

const (
	commitFile  = "ring/session/commit.go"
	decideFile  = "ring/session/decide.go"
	resolveFile = "ring/session/resolve.go"
	keepFile    = "stores/keep.go"
	loadFile    = "ring/session/load.go"
	optionsFile = "ring/session/options.go"
	flashFile   = "ring/flash/wrap.go"
	memoryFile  = "stores/memory/table.go"
)

var mutants = []mutant{
	{"the store looks at no version", memoryFile, "case st.version != expected:", "case false:", "storetest T2"},
	{"a save is an upsert", memoryFile, "\t\treturn t.replace(h, expected, &rec)\n",
		"\t\tif err := t.replace(h, expected, &rec); err != stores.ErrNotFound {\n\t\t\treturn err\n\t\t}\n", "storetest T2"},
	{"a touch changes the version", memoryFile, "st.seen, st.expires = nanos(seen), nanos(expires)",
		"st.seen, st.expires, st.version = nanos(seen), nanos(expires), st.version+1", "storetest S8"},
	{"a touch goes backwards", memoryFile, "&& nanos(expires) > st.expires {", "{", "storetest S8"},
	{"the index of owners misses a log-in", memoryFile, "\tif moves {\n\t\tt.own(st, rec.Owner)", "\tif false {\n\t\tt.own(st, rec.Owner)", "storetest T5"},
	{"an insert removes nothing", "stores/memory/sweep.go", "few   = 4 ", "few   = 0 ", "T4"},
	{"a sweep is a minute early", "stores/memory/sweep.go", "slack = time.Minute", "slack = -time.Minute", "storetest T4"},

	{"a conflict is written over", commitFile, "\t\t\tif err := c.reload(ctx); err != nil {",
		"\t\t\tif rec, err := c.m.store.Load(ctx, c.arrival.token(), c.now); err == nil {\n\t\t\t\tc.current.Version = rec.Version\n\t\t\t} else if err := c.reload(ctx); err != nil {", "C1"},
	{"two sides are merged, not three", "ring/session/merge.go", "mergeValue(base.Get(key), ", "mergeValue(\"\", ", "C1_C2_C3"},
	{"a counter is a plain key", "ring/session/merge.go", "\tcase wire.Counter:\n", "\tcase -2:\n", "C2"},
	{"a late change comes back as a new session", commitFile, "c.gone, c.state, c.current = true,", "c.gone, c.state, c.current = false,", "C4"},
	{"a log-in loses", commitFile, "if c.gone && !c.plan.intent.login {", "if c.gone {", "C4"},
	{"a session set after an Amend brings its changes again", resolveFile, "base = wire.Map(s.from.rec.Data) ", "", "C2"},
	{"a plain handler reads the session that came", "ring/session/amend.go", "if a == nil || cs == nil ||", "if true || a == nil || cs == nil ||", "H3"},
	{"a session with another one inside is attempted", resolveFile, "if inner := r.arrival.inside.Load(); inner != nil {", "if inner := r.arrival.inside.Load(); false {", "H3"},
	{"writers do not queue", commitFile, "leave, err = queues.Wait(ctx, c.current.Handle)", "leave, err = func() {}, nil", "C5"},
	{"strangers wait for each other", "internal/queue/queue.go", "\tturn := q.enter(k)\n", "\tk = *new(K)\n\tturn := q.enter(k)\n", "C5"},
	{"a commit takes the context that loading had", loadFile, "l.arrival.commit = &l.commit", "l.arrival.commit = &l.deadline", "T6"},
	{"a failed response is saved", commitFile, "failure := p.resp.Failure(c.req)", "failure := error(nil)", "H3"},
	{"any size is saved", commitFile, "p.data.Size() > max {", "false && p.data.Size() > max {", "C6"},
	{"a response that saves nothing looks like one that did", commitFile, "if resp.Err == nil && resp.Status != 0 {", "if false {", "H4"},
	{"a session is too large because of its messages", commitFile, "errors.Is(err, ErrTooLarge) && p.shed()", "false", "C6"},
	{"an equal value is written", commitFile, "f.changed = !p.data.Equal(base)", "f.changed = !p.data.Equal(base) || true", "S1"},
	{"every write sends the cookie", commitFile, "if d.Write != WriteValue || d.Mint == SameToken {", "if d.Write != WriteValue {", "S9"},
	{"a log-in leaves the anonymous cookie", commitFile, "todo[0], todo[1] = expireCookie, setCookie", "todo[1] = setCookie", "S9"},

	{"a log-in keeps the token", decideFile, "case f.intent.login || f.intent.renew || f.limits:", "case f.intent.renew || f.limits:", "S6"},
	{"a log-out leaves the record", decideFile, "d.End = f.intent.delete && (live || f.mayEnd) || otherOwner", "d.End = otherOwner", "C4"},
	{"another owner's record stays", decideFile, "(live || f.mayEnd) || otherOwner", "(live || f.mayEnd) || otherOwner && false", "S6"},
	{"a log-in leaves the session of before to a late renewal", decideFile, "(live || f.state == Stale && f.mayEnd) && f.owner", "live && f.owner", "S9"},
	{"a stale token begins a session", decideFile, "case !goesOn && f.state == Stale && !f.intent.login && !f.intent.delete:", "case false:", "C4"},
	{"another site begins a session", decideFile, "case !goesOn && f.foreign && !f.intent.login:", "case false:", "S9"},
	{"a log-in keeps the limits of the one before", commitFile, "rec.Idle, rec.Absolute, rec.Persistent = 0, 0, c.m.opts.Persistent", "_ = now", "S6"},
	{"what is bound stays where Lifetime changes the token", resolveFile, "case a.login, a.renew, a.otherLimits(cur):", "case a.login, a.renew:", "S6"},
	{"a persistent session idles by itself", "ring/session/slot.go", "if persistent && idle == 0 {", "if false {", "S7"},
	{"the age of a cookie is rounded down", optionsFile, "(min(age, maxCookieAge) + time.Second - 1)", "min(age, maxCookieAge)", "S9"},
	{"a lost message is a lost change", "ring/session/refuse.go", "case sameValues(c.plan.data, c.base) &&", "case false &&", "C4"},
	{"what is said instead of an answer may be cached", "ring/session/refuse.go", "resp.Header = resp.Header.Add(\"Cache-Control\", \"no-store\")", "_ = own", "S10"},
	{"an emptied session stays as it was", decideFile, "if goesOn && (f.changed || f.intent.renew) {", "if false {", "S2"},
	{"Renew leaves the token of an emptied session", decideFile, "\t\t\tif f.intent.renew {", "\t\t\tif false {", "C4"},
	{"a log-out fails with its message", commitFile, "\t\td.Write = WriteNothing\n", "\t\treturn token, err\n", "C4"},
	{"a log-out begins with its message", commitFile, "\tcase p.intent.delete && !p.intent.login:\n\t\treturn c.logOut(ctx, d, p)\n\tcase d.Write != WriteValue:\n\t\treturn stores.Token{}, nil\n",
		"\tcase d.Write != WriteValue:\n\t\treturn c.logOut(ctx, d, p)\n", "C4"},

	{"another owner finds the values", resolveFile, "case a.delete, a.login && cur.Owner != \"\" && cur.Owner != a.owner:", "case a.delete:", "S6"},
	{"what is bound to a token survives it", resolveFile, "return wire.Map(cur.Data).WithoutKind(wire.Bound)", "return wire.Map(cur.Data)", "S6"},
	{"a log-out saves what was set", resolveFile, setGuards, setUnguarded, "S5"},
	{"a session of another request is taken", resolveFile, "case s.from != nil && s.from.request != r.arrival.request:", "case false:", "S5"},

	{"a session from the future lives", optionsFile, "r.Seen.After(latest) || r.Start().After(latest)", "false && latest.IsZero()", "S7"},
	{"any secret opens a session", keepFile, "if subtle.ConstantTimeCompare(hash[:], rec.Verifier[:]) != 1 {", "if hash == [32]byte{} {", "storetest S3"},
	{"an unknown token is adopted", keepFile, "\trec, err := k.table.Load(ctx, h)\n\tif err != nil {\n\t\treturn Record{}, err\n\t}\n\trec.Handle = h\n",
		"\trec, err := k.table.Load(ctx, h)\n\tif err == ErrNotFound {\n\t\treturn Record{Handle: h, Version: 1, Created: now, Seen: now, Expires: now.Add(time.Hour)}, nil\n\t}\n\tif err != nil {\n\t\treturn Record{}, err\n\t}\n\trec.Handle = h\n", "S3"},
	{"a lost answer counts as a yes", keepFile, "\treturn false, errors.Join(ErrOutcomeUnknown, err)\n", "\treturn false, nil\n", "C5"},
	{"a refusal is a lost answer", keepFile, " || errors.Is(err, ErrRefused)", "", "C5"},
	{"a token opens under the name of another cookie", "stores/token.go", "append(append(buf[:0], s[:]...), cookie...)", "append(buf[:0], s[:]...)", "S3"},
	{"a renewal keeps the secret", keepFile, "rec.Verifier, rec.Renewed = s.verifier(t.cookie), rec.Seen", "rec.Renewed = rec.Seen", "C4"},
	{"a renewed token stays valid", keepFile, "rec.Previous, rec.PreviousUntil = rec.Verifier, time.Time{}", "rec.Previous, rec.PreviousUntil = rec.Verifier, rec.Seen.Add(staleWindow)", "C4"},

	{"the anonymous cookie comes first", loadFile, "range [2]bool{true, false} {\n\t\ttried", "range [2]bool{false, true} {\n\t\ttried", "S9"},
	{"any number of cookies is tried", loadFile, "if tried == maxTried {", "if false {", "S3"},
	{"a store that is down has no session", loadFile, "\treturn None, err\n}\n", "\treturn Unknown, nil\n}\n", "T6"},
	{"a reader gets its cookie again", "ring/session/wrap.go", "\t\tm.touchIfDue(req, a)\n\t\treturn a.keepPrivate(resp)\n",
		"\t\tm.touchIfDue(req, a)\n\t\tif a.state == Live {\n\t\t\tresp.Header = resp.Header.Add(\"Set-Cookie\", m.cookies.set(a.owned, a.token(), 0))\n\t\t}\n\t\treturn a.keepPrivate(resp)\n", "S9"},
	{"every read is a touch", "ring/session/touch.go", "now.Sub(rec.Seen) >= every", "true", "S8"},
	{"a touch writes the record", "ring/session/touch.go", "err := m.store.Touch(ctx, a.token(), rec); err != nil {",
		"_, err := m.store.Save(ctx, a.token(), rec, false); err != nil {", "S8"},
	{"there is no absolute limit", optionsFile, "max(0, cmp.Or(r.Absolute, o.Absolute))", "0", "S7"},
	{"an emptied session does not fade", optionsFile, "\tif r.IsEmpty() {\n\t\treturn now.Add(emptyLifetime)", "\tif false {\n\t\treturn now.Add(emptyLifetime)", "S2"},
	{"answers may be cached by anybody", "ring/session/private.go", "Value: \"private\"", "Value: \"public\"", "S10"},
	{"a session made from scratch takes the messages with it", resolveFile, "base = withoutReserved(base) ", "", "S5"},

	{"a poll takes what waits for a navigation", flashFile, "return mode == \"\" && dest == \"\" || mode == \"navigate\" && dest == \"document\"", "return true", "F1"},
	{"a poll takes the message", flashFile, "return m.to.path == path(req.URL.Path) && m.to.mode == mode && m.to.dest == dest", "return true", "F2"},
	{"a prefetch takes the message", flashFile, " || strings.Contains(v.req.Header.Get(\"Sec-Purpose\"), \"prefetch\")", "", "F2"},
	{"a message is for any path", flashFile, "m.to.path == path(req.URL.Path) && ", "", "F1"},
	{"a message is shown to both", flashFile, "sh.runs > 1 {", "sh.runs > 1<<30 {", "F3"},
	{"a message stays when a page sends another", flashFile, "if arrived.len() == 0 || v.fails(resp) {", "if arrived.len() == 0 || resp.Failure(req) != nil {", "F3"},
	{"a redirect takes the message", flashFile, "if sh.forwards(resp) || resp.IsPlaceholder()", "if resp.IsPlaceholder()", "F4"},
	{"messages that nobody fetches pile up", flashFile, "if waiting+n <= maxWaiting && ", "if waiting+n <= 1<<20 && ", "F4"},
	{"large messages pile up", flashFile, "(bytes <= maxBytes || waiting == 1)", "true", "F4"},
	{"a page with a message may be stored", flashFile, "Value: \"no-store\"}", "Value: \"private\"}", "S10"},
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
