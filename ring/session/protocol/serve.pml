/* A request, from the browser that sends it to the browser that has the response. */

/* middleware.lookup, for one of the cookies: of what opens nothing, the later state counts. */
inline lookUp(i)
{
	t = R.sent[i]; own = i;
	load(L, false);
	if
	:: state == LIVE || state > R.state -> R.state = state; R.token = t; R.owned = own; R.mayEnd = last; R.formerOwner = (last -> under(t).owner : 0)
	:: else
	fi;
	t = 0; own = false; state = 0; last = false
}

/* middleware.makeRecord, and the draws of keeper.Save */
inline draw()
{
	X.version = (r - 1) * TRIES + R.tries + 1;
	X.owner = (isLogin(R.op) -> ownerOf(R.op) : (R.mint == NEWRECORD -> 0 : C.owner));
	X.expires = (hasNoKeys(X) && X.owner == 0 -> R.time + 1 : NEVER);
	X.verifier = (R.mint == SAMETOKEN -> C.verifier : X.version);
	X.previous = (R.mint == SAMETOKEN -> C.previous : (R.mint == NEWTOKEN -> C.verifier : 0));
	X.stale = (R.mint == SAMETOKEN -> C.stale : (R.mint == NEWTOKEN -> R.time + 1 : 0));
	handle = (R.mint == NEWRECORD -> r + 1 : handleOf(R.token));
	seen = (R.mint == NEWRECORD -> 0 : C.version)
}

/* one round of commit.run, up to the calls that it comes to */
inline try()
{
	R.tries++;
	assert(R.tries <= TRIES); /* every conflict is another request's success, so this ends */
	R.time = (R.tries == 1 -> minute : R.time);
	resolve();
	assert(R.op != SET_A || X.a == r); /* C3: mine wins, as it is later */
	decide();
	if
	:: R.write == VALUE && R.mint != NEWRECORD && R.time >= C.expires -> step = CONFLICT /* over, unless it was used meanwhile */
	:: R.write == VALUE && !(R.mint != NEWRECORD && R.time >= C.expires) -> step = SAVE; draw()
	:: R.write == TOUCH -> step = DONE; touch(handleOf(R.token), C.version)
	:: R.write == LEAVE -> step = (R.drop -> DROPPED : DONE)
	fi;
	step = (R.end && ENDS_FIRST && step <= DONE -> END : step)
}

#ifdef LATE
typedef Late { bool is; byte handle, seen };
Late late[N + 1];
#endif

/* Table.Save as its caller sees it: the answer gets lost, or the call, or the call arrives when nobody waits any more. */
inline save()
{
	if
	:: d_step { true -> put(handle, seen, X) }
	:: d_step { faults > 0 -> faults--; put(handle, seen, X); step = LOST }
	:: d_step { faults > 0 -> faults--; step = LOST }
#ifdef LATE
	:: d_step { faults > 0 && !late[r].is -> faults--; step = LOST;
		late[r].is = true; late[r].handle = handle; late[r].seen = seen }
#endif
	fi;
	if
	:: again && step != DONE -> step = LOST
	:: !again && step == GONE -> d_step { lose() }
	:: else
	fi
}

/* keeper.once where an answer was lost: what is stored decides; then keeper.save sends the same again, keeper.create another one. */
#define has table[handle].version
inline look()
{
	if
	:: d_step { true ->
		if
		:: has == X.version -> step = DONE
		:: has != X.version && has == seen && !again -> step = SAVE; again = true; handle = (seen == 0 && DRAWS_AGAIN -> handle + N : handle)
		:: else -> step = UNSURE
		fi }
	:: d_step { faults > 0 -> faults--; step = UNSURE }
	fi
}

/* commit.sessionGone, and what decide.go says of facts.gone: the plan at hand is dropped unless it is a log-in. */
inline lose()
{
	R.gone = true; R.state = UNKNOWN; clearRecord(C);
	step = (IS_DROPPED(isLogin(R.op)) -> DROPPED : TRY)
}

/* commit.reload, under the token that came with the request */
inline reload()
{
	conflicts++; R.time = minute;
	t = R.token; own = R.owned;
	load(C, RELOAD_TRUSTS);
	if
	:: state == LIVE -> step = TRY
	:: else -> lose()
	fi;
	t = 0; own = false; state = 0; last = false
}

/*
 * commit.logOut: the end, before what begins after it. commit.act, where somebody logs in: the end, after what replaces the session.
 * keeper.Delete may fail, or seem to; then nobody gets the new token.
 */
inline finish()
{
	if
	:: d_step { true -> erase(handleOf(R.token), C.version); step = (ENDS_FIRST && R.write == VALUE -> SAVE : ENDED) }
	:: d_step { faults > 0 -> faults--; erase(handleOf(R.token), C.version); step = UNSURE; R.kept = true }
	:: d_step { faults > 0 -> faults--; step = UNSURE; R.kept = true }
	fi;
	if
	:: step == UNSURE && R.write == VALUE && !ENDS_FIRST -> d_step { erase(handle, X.version) }
	:: else
	fi
}

/* commit.logOut: what can't be stored after a log-out is lost; nobody gets the token of what may have been. */
inline miss()
{
	R.write = LEAVE; step = ENDED
}

/* The response arrives. What it says is true; and what nobody needs any more is forgotten, so that there are fewer states. */
inline arrive()
{
	R.outcome = (step == ENDED -> DONE : (step == DROPPED -> TOLD : (R.op == FAILED -> UNSURE : step)));
	if
	:: R.outcome == DONE -> cookies()
	:: else
	fi;
	assert(R.outcome != DONE || (R.write == VALUE) == R.applied || isEnd(R.op) && R.write == LEAVE); /* C4, C5: saved is saved, */
	assert(R.outcome != UNSURE || !isEnd(R.op) || R.kept);                               /* a log-out needs nothing but the delete, */
	assert(R.outcome != DROPPED || R.applied == 0);                                      /* not is not, */
	assert(R.outcome != DROPPED || !isLogin(R.op) && !isEnd(R.op));                      /* a log-in never loses, */
	assert(R.outcome != DONE || R.op != RENEW || R.state != LIVE || under(R.token).verifier != secretOf(R.token)); /* renewed is renewed */
	assert(R.outcome != DONE || !R.end || under(R.token).version == 0);                  /* and ended is ended */
	assert(R.cookie[0] == KEEP && R.cookie[1] == KEEP || R.applied == 1 || isEnd(R.op) || R.end); /* S9: no cookie for nothing */
	R.given = (R.outcome == DONE && R.write == VALUE -> token(handle, X.verifier) : 0);
	jar[0] = (R.cookie[0] == GIVE -> R.given : (R.cookie[0] == FORGET -> 0 : jar[0]));
	jar[1] = (R.cookie[1] == GIVE -> R.given : (R.cookie[1] == FORGET -> 0 : jar[1]));
	R.said = X.count;
	if
	:: R.op == PAGE && R.outcome != UNSURE -> shown[0] = shown[0] + R.came[0]; shown[1] = shown[1] + R.came[1]
	:: else
	fi;
	if
	:: queued -> queue = false; queued = false
	:: else
	fi;
	clearRecord(L); clearRecord(C);
#ifndef LATE
	clearRecord(X);
#endif
	handle = 0; seen = 0; step = 0; again = false;
	R.tries = 0; R.time = 0; R.sent[0] = 0; R.sent[1] = 0; R.cookie[0] = KEEP; R.cookie[1] = KEEP; R.gone = false; R.kept = false;
	R.arrived = true
}

/* middleware.serve for the request r, sent when the response to the request after has arrived, or at any time if that is 0. */
proctype Serve(byte r; byte after)
{
	byte step, t, state, handle, seen;
	bool own, last, again, queued;

	d_step { /* The browser sends, */
		after == 0 || req[after].arrived ->
		if
		:: R.op != FOREIGN -> R.sent[0] = jar[0]; R.sent[1] = jar[1]
		:: else
		fi;
		step = (R.sent[1] != 0 -> LOAD_OWNERS : LOAD)
	}
	do
	:: d_step { step == LOAD_OWNERS -> /* middleware.load: the owner's session, */
		lookUp(1);
		if
		:: R.state != LIVE && R.sent[0] != 0 -> step = LOAD
		:: else -> copyRecord(C, L); see(L); step = LOADED
		fi }
	:: d_step { step == LOAD -> /* or the anonymous one */
		if
		:: R.sent[0] != 0 -> lookUp(0)
		:: else
		fi;
		copyRecord(C, L); see(L); step = LOADED }
	:: atomic { step == MEET -> waiting++; waiting == N; step = TRY }
	:: atomic { step == TRY || step == SAVE -> /* commit.act; or keeper.save for the second time */
		if
		:: step == TRY -> d_step { try() }
		:: else
		fi;
		if
		:: step == SAVE -> save()
		:: else
		fi }
	:: atomic { step == END -> finish() }
	:: atomic { step == LOST && LOOKS -> look();
		if
		:: step == UNSURE && isEnd(R.op) && !NEEDS_MESSAGE -> d_step { miss() }
		:: else
		fi }
	:: atomic { step == CONFLICT || step == LOST && !LOOKS -> /* commit.run */
		if
		:: QUEUES && !queued -> d_step { !queue -> queue = true; queued = true }
		:: else
		fi;
		d_step { reload() } }
	:: atomic { step == DONE && R.end && !ENDS_FIRST -> finish() }
	:: d_step { step >= DONE && !(step == DONE && R.end && !ENDS_FIRST) -> arrive() } break
	od
}

#ifdef LATE
proctype Network(byte r) /* a call of Table.Save that nobody waits for any more */
{
	byte handle, seen, step;
end:	d_step {
		late[r].is -> late[r].is = false;
		handle = late[r].handle; seen = late[r].seen;
		put(handle, seen, X)
	}
}
#endif

proctype Clock()
{
	do
	:: minute < TICKS -> minute++
	:: else -> break
	od
}

/* For the init of a law: what is there before, */
inline begin(who)
{
	d_step {
		table[1].version = 1; table[1].verifier = 1; table[1].owner = who; table[1].expires = NEVER; table[1].a = 7; last_a = 7;
		jar[(who != 0 -> OWNERS : 0)] = token(1, 1)
	}
}

/* and what came of it. */
#define done(r) (req[r].outcome == DONE)
#define unsure(r) (req[r].outcome == UNSURE)
#define arrived(r) (req[r].arrived)
#define session(r) table[(req[r].state == LIVE -> handleOf(req[r].token) : r + 1)] /* that the request r changed or made */
