/* C1: parallel requests that change different keys all survive, also beside one that leaves the session empty. */

#define N 3
#define TICKS 1
#include "model.pml"

init {
	atomic {
		begin(0);
		if
		:: req[1].op = SET_A
		:: req[1].op = DELETE_A
		fi;
		req[2].op = SET_B;
		if
		:: req[3].op = ADD_SET
		:: req[3].op = ADD
		:: req[3].op = READ
		fi;
		run Serve(1, 0); run Serve(2, 0); run Serve(3, 0); run Clock();
		arrived(1) && arrived(2) && arrived(3)
	}
	d_step {
		assert(!done(1) || session(1).a == (req[1].op == SET_A -> 1 : 0));
		assert(!done(2) || session(2).b == 2);
		assert(!done(3) || req[3].op == READ || session(3).count == 1);
		/* Nobody is in the way of anybody, unless what became empty has faded. */
		assert(done(1) && done(2) && done(3) || req[1].op == DELETE_A && minute > 0)
	}
}
