/*
 * S9: whatever responses of a browser arrive after that of a log-in, it is signed in; also if another site provoked a
 * session.
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

#ifdef LIMIT_S9_RENEWED /* a renewal beside the log-in of somebody else */
#define MAY_BE_BOBS true
#else
#define MAY_BE_BOBS (op2 != RENEW && op3 != RENEW)
#endif

byte op2, op3;

init {
	atomic {
		any(op2); any(op3);
		if
		:: op2 <= op3 -> /* all in one order is enough */
			if
			:: begin(0)
			:: begin(1)
			:: MAY_BE_BOBS -> begin(2)
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
		assert(opens(jar[OWNERS]) && under(jar[OWNERS]).owner == ownerOf(LOGIN))
	}
out:	skip
}
