/* decide: a pure function. The order of its questions is that of decide.go. */

#define LEAVE 0 /* Decision.write */
#define TOUCH 1
#define VALUE 2

#define SAMETOKEN 0 /* Decision.mint */
#define NEWTOKEN  1
#define NEWRECORD 2

#define KEEP   0 /* what becomes of a cookie */
#define FORGET 1
#define GIVE   2

#define goesOn      (isLive && !R.end)
#define changed     ((isEnd(R.op) || othersOwner) -> !hasNoKeys(X) : !sameData(X, C))
#define fails       (R.op == FAILED && !FAILURE_TAKES)

inline decide()
{
	R.write = LEAVE; R.mint = SAMETOKEN; R.drop = false;
	R.end = isEnd(R.op) && (isLive || R.mayEnd) || othersOwner;
	if
	:: fails
	:: !fails && hasNoKeys(X) && !(isLogin(R.op) || goesOn && C.owner != 0) -> /* no session: it fades, if there was one */
		if
		:: goesOn && RENEWS_EMPTY -> R.write = VALUE; R.mint = NEWTOKEN
		:: goesOn && !RENEWS_EMPTY && changed && FADES -> R.write = VALUE
		:: goesOn && !RENEWS_EMPTY && changed && !FADES -> R.end = true
		:: else
		fi
	:: else ->
		if
		:: !goesOn && R.state == STALE && !isLogin(R.op) && !isEnd(R.op) -> R.drop = changed || R.op == RENEW
		:: else ->
			if
			:: !goesOn ->
				R.write = (changed || isLogin(R.op) || R.op == RENEW -> VALUE : LEAVE);
				R.mint = NEWRECORD
			:: goesOn && (isLogin(R.op) || R.op == RENEW) -> R.write = VALUE; R.mint = NEWTOKEN
			:: else -> R.write = (changed -> VALUE : (R.op == READ -> TOUCH : LEAVE))
			fi
		fi
	fi
}

/* commit.cookieActions */
#define expires(i) ((R.end || isEnd(R.op) && R.state != 0) && R.sent[i] != 0)
#define gives      (R.write == VALUE && R.mint != SAMETOKEN)
#define slot       (isLogin(R.op) || R.mint == NEWTOKEN && C.owner != 0 -> OWNERS : 0)

inline cookies()
{
	R.cookie[0] = (expires(0) || gives && isLogin(R.op) -> FORGET : KEEP);
	R.cookie[1] = (expires(1) -> FORGET : KEEP);
	if
	:: gives -> R.cookie[slot] = GIVE
	:: else
	fi
}
