/*
 * F1: a message goes to the request that follows its redirect, else to the next navigation: two tabs of one browser, or
 * scripts of a page, each have something saved and follow the redirect.
 */

#define N 4
#define TICKS 1
#include "model.pml"

#define expects(r, i) (i == 0 && r == 2 || i == 1 && r == 4)
#define right(r, i) (!req[r].came[i] || expects(r, i) || minute > 0 && req[r].mode == NAVIGATE)

init {
	atomic {
		begin(0);
		req[1].op = POST; req[1].message = 0; req[1].next = 1;
		req[2].op = PAGE; req[2].path = 1;
		req[3].op = POST; req[3].message = 1; req[3].next = 2;
		req[4].op = PAGE; req[4].path = 2;
		if
		:: true
		:: req[3].mode = FETCH; req[4].mode = FETCH
		fi;
		run Serve(1, 0); run Serve(2, 1); run Serve(3, 0); run Serve(4, 3); run Clock();
		arrived(2) && arrived(4)
	}
	d_step {
		assert(minute > 0 || shown[0] == 1 && shown[1] == 1);
		assert(right(2, 0) && right(2, 1) && right(4, 0) && right(4, 1))
	}
}
