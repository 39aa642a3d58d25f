/*
 * S9: whatever responses of a browser arrive after that of a log-in, it is signed in; also if another site provoked a
 * session. At worst, where the session of somebody else is renewed beside it, nobody is. Not promised: an answer to that
 * renewal which takes over a minute, two such renewals, and an anonymous session beside it.
 */

#ifdef LONG
#define N 4
#else
#define N 3
#endif
#define TICKS 1
#include "model.pml"

inline any(op)
{
	if
	:: op = READ
	:: op = SET_A
	:: op = CLEAR
	:: op = RENEW
	:: op = LOGIN
	:: op = FOREIGN
	fi
}

#ifdef LIMIT_S9_RENEWED /* signed in, also where a session of somebody else is renewed beside the log-in */
#define MAY_BE_OUT false
#else
#define MAY_BE_OUT (bobs && (op2 == RENEW || op3 == RENEW))
#endif

byte op2, op3;
bool bobs;

init {
	atomic {
		any(op2); any(op3);
		if
		:: op2 <= op3 -> /* all in one order is enough */
			if
			:: begin(0)
			:: begin(1)
			:: begin(2); bobs = true
			:: true
			fi;
			req[1].op = LOGIN; req[2].op = op2; req[3].op = op3;
			run Serve(1, 0); run Serve(2, 0); run Serve(3, 0); run Clock();
#ifdef LONG
			req[4].op = FOREIGN;
			run Serve(4, 0);
			arrived(4);
#endif
			arrived(1) && arrived(2) && arrived(3)
		:: else -> goto out
		fi
	}
	d_step {
		assert(opens(jar[OWNERS]) && under(jar[OWNERS]).owner == ownerOf(LOGIN) ||
			MAY_BE_OUT && (minute > 0 || op2 == op3 || op3 == FOREIGN || N == 4 || !opens(jar[OWNERS])))
	}
out:	skip
}
