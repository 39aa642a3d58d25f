/*
 * F4: a redirect hands a message on to its next hop; a page that failed or has not changed does not take it; it survives
 * renewal and log-in. At a log-out only what that says itself goes on.
 */

#define N 4
#include "model.pml"

#define kept(i) (shown[i] > 0 || table[1].to[i] != 0)
init {
	atomic {
		begin(0);
		d_step { table[1].to[0] = target(0, NAVIGATE) } /* a message for the next navigation */
		if
		:: req[1].op = FAILED
		:: req[1].op = SAME
		:: req[1].op = FORWARD; req[1].next = 1
		:: req[1].op = LEAVING; req[1].next = 1
		:: req[1].op = GOODBYE; req[1].message = 1; req[1].next = 1
		fi;
		req[2].op = PAGE; req[2].path = 1;
		req[3].op = PAGE; req[3].path = 2;
		if
		:: req[4].op = SET_A
		:: req[4].op = RENEW
		:: req[4].op = LOGIN
		fi;
		run Serve(1, 0); run Serve(2, 1); run Serve(3, 0); run Serve(4, 0);
		arrived(2) && arrived(3) && arrived(4)
	}
	d_step {
		assert(isEnd(req[1].op) || kept(0));
		assert(isEnd(req[1].op) || req[4].op != SET_A || shown[0] <= 1);
		assert(req[1].op != LEAVING || table[2].version == 0);
		assert(req[1].op != GOODBYE || table[2].to[0] == 0);
		/* Unless another response replaces the cookie of what the log-out began. */
		assert(req[1].op != GOODBYE || req[4].given != 0 || shown[1] == 1)
	}
}
