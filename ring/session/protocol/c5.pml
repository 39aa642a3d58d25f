/*
 * C5: no change is stored twice and none is called saved that is not, though answers get lost, calls get lost, and calls
 * arrive when nobody waits for them any more. put and arrive assert it, too.
 */

#define N 3
#ifdef LONG
#define FAULTS 3
#else
#define FAULTS 2
#endif
#define TRIES 6
#define LATE
#include "model.pml"

inline any(op)
{
	if
	:: op = ADD
	:: op = RENEW
	:: op = LOGIN
	:: op = LOGOUT
	:: op = FOREIGN
	fi
}

#define added(r) (req[r].op == ADD && req[r].state == LIVE && handleOf(req[r].token) == 1 && (done(r) || unsure(r) && req[r].applied))

byte op2, op3;

init {
	atomic {
		begin(0);
		faults = FAULTS;
		any(op2); any(op3);
		if
		:: op2 <= op3 -> /* all in one order is enough */
			req[1].op = ADD; req[2].op = op2; req[3].op = op3;
			run Serve(1, 0); run Serve(2, 0); run Serve(3, 0); run Network(1); run Network(2); run Network(3);
			arrived(1) && arrived(2) && arrived(3)
		:: else -> goto out
		fi
	}
	d_step {
		assert(table[1].version == 0 || table[1].count == added(1) + added(2) + added(3))
	}
out:	skip
}
