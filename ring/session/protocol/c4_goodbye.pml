/*
 * C4: a log-out depends on nothing but the delete, though answers and calls get lost, also those that store its message. That it
 * fails only where the delete may not have been done is asserted in arrive.
 */

#define N 2
#define FAULTS 2
#define TRIES 4
#define LATE
#include "model.pml"

byte who;

init {
	atomic {
		if
		:: who = 0
		:: who = 1
		fi;
		begin(who);
		faults = FAULTS;
		req[1].op = GOODBYE; req[1].message = 1;
		if
		:: req[2].op = SET_A
		:: req[2].op = RENEW
		:: req[2].op = LOGIN
		:: req[2].op = LOGOUT
		:: req[2].op = GOODBYE
		:: req[2].op = POST
		fi;
		run Serve(1, 0); run Serve(2, 0); run Network(1); run Network(2);
		arrived(1) && arrived(2)
	}
	d_step {
		assert(!done(1) || req[1].state == UNKNOWN || req[1].state == 0 || table[1].version == 0)
	}
}
