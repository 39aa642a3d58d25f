/*
 * C4: deleted is final, renewed is final, and a log-in never loses, whatever three requests do. Most of it is asserted in
 * put, touch and arrive; at the
 * end, that there is what a log-in began and no more what a log-out found.
 */

#define N 3
#ifdef LONG
#define TICKS 1
#endif
#include "model.pml"

inline any(op)
{
	if
	:: op = READ
	:: op = SET_A
	:: op = CLEAR
	:: op = RENEW
	:: op = LOGIN
	:: op = AS_BOB
	:: op = LOGOUT
	:: op = GOODBYE
#ifdef LONG
	:: op = FOREIGN
#endif
	fi
}

#define welcome(r) (under(req[r].given).owner == ownerOf(req[r].op) || ended[handleOf(req[r].given)])

#ifdef LIMIT_C4_TWICE /* renewed twice, while the log-out was under way */
#define beside(op1, op2) true
#else
#define renews(op) (op == RENEW || isLogin(op))
#define beside(op1, op2) (!renews(op1) || !renews(op2))
#endif

byte op1, op2, op3;

init {
	atomic {
		any(op1); any(op2); any(op3);
		if
		:: op1 <= op2 && op2 <= op3 -> /* all in one order is enough */
			if
			:: begin(0)
			:: begin(1)
			fi;
			req[1].op = op1; req[2].op = op2; req[3].op = op3;
			run Serve(1, 0); run Serve(2, 0); run Serve(3, 0); run Clock();
			arrived(1) && arrived(2) && arrived(3)
		:: else -> goto out
		fi
	}
	d_step {
		assert(!isLogin(req[1].op) || !done(1) || welcome(1));
		assert(!isLogin(req[2].op) || !done(2) || welcome(2));
		assert(!isLogin(req[3].op) || !done(3) || welcome(3));
		assert(!isEnd(op3) || !beside(op1, op2) || req[3].state == 0 || minute > 0 || table[1].version == 0)
	}
out:	skip
}
