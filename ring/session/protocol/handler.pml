/* What the changes of a response make of the newest session: pure, but for the clock that a message is bound by. */

/* merge: what distinguishes mine from what was loaded, applied to the newest. */
inline merge()
{
	if
	:: MERGES || R.tries == 0 ->
		X.a = PLAIN(L.a, mine.a, X.a);
		X.b = PLAIN(L.b, mine.b, X.b);
		X.count = ADDED(L.count, mine.count, X.count);
		X.to[0] = PLAIN(L.to[0], mine.to[0], X.to[0]);
		X.to[1] = PLAIN(L.to[1], mine.to[1], X.to[1])
	:: else -> copyData(X, mine)
	fi;
	clearData(mine)
}

/* visit.visible, message.isFor */
#define isFor(s, i) (s.to[i] != 0 && isGet(R.op) && \
	(IS_BOUND(minute, s.bound[i]) -> s.to[i] == target(R.path, R.mode) : IS_NAVIGATION(R.mode)))
inline see(s)
{
	R.came[0] = isFor(s, 0); R.came[1] = isFor(s, 1)
}

/* change.apply: a message lies under a name of its own. */
inline send(i)
{
	X.to[NAME(i)] = target(R.next, R.mode);
	X.bound[NAME(i)] = (R.next != 0 -> minute + 1 : 0)
}

/* showing.commit: a page takes the messages out, a redirect hands on what is still there. */
inline deliver(i)
{
	if
	:: R.came[i] && (R.op == PAGE || R.op == FAILED && FAILURE_TAKES) -> X.to[i] = 0; X.bound[i] = 0
	:: R.came[i] && (R.op == FORWARD || R.op == LEAVING) && STILL_THERE(X.to[i]) -> send(i)
	:: else
	fi
}

/* resolve: the response's changes, applied to the newest; once, and again after a conflict. */
inline resolve()
{
	if
	:: isEnd(R.op) || othersOwner -> clearData(X)
	:: else -> copyData(X, C)
	fi;
	copyData(mine, L);
	if
	:: R.op == SET_A || R.op == FOREIGN -> mine.a = r; merge()
	:: R.op == SET_B -> mine.b = r; merge()
	:: R.op == DELETE_A -> mine.a = 0; merge()
	:: R.op == CLEAR -> clearData(mine); merge()
	:: R.op == ADD_SET -> mine.count++; merge()
	:: R.op == ADD -> X.count = NEWEST(X.count, L.count) + 1
	:: isLogin(R.op) -> X.b = r
	:: R.op == POST || R.op == GOODBYE -> send(R.message)
	:: isGet(R.op) ->
		if
		:: R.tries > 0 && RUNS_AGAIN -> see(C) /* the handler too */
		:: else
		fi;
		deliver(0);
		deliver(1)
	:: else
	fi;
	clearData(mine)
}
