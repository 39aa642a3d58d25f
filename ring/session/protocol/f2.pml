/* F2: a poll, even of the very path, neither sees a message nor takes it nor writes anything. */

#define N 4
#define TICKS 1
#include "model.pml"

init {
	atomic {
		begin(0);
		req[1].op = POST; req[1].next = 1;
		req[2].op = PAGE; req[2].path = 1;
		req[3].op = PAGE; req[3].path = 1; req[3].mode = FETCH;
		req[4].op = PAGE; req[4].path = 1; req[4].mode = FETCH;
		run Serve(1, 0); run Serve(2, 1); run Serve(3, 0); run Serve(4, 0); run Clock();
		arrived(2) && arrived(3) && arrived(4)
	}
	d_step {
		assert(!req[3].came[0] && !req[3].applied && !req[4].came[0] && !req[4].applied);
		assert(shown[0] == 1)
	}
}
