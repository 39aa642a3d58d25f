/* C5: writers that all loaded before one saved have one conflict each at most, as they take turns afterwards. */

#ifndef N
#define N 4
#endif
#define TOGETHER
#include "model.pml"

init {
	atomic {
		begin(0);
		req[1].op = ADD; req[2].op = ADD; req[3].op = SET_B; req[4].op = ADD_SET;
		run Serve(1, 0); run Serve(2, 0); run Serve(3, 0); run Serve(4, 0);
		arrived(1) && arrived(2) && arrived(3) && arrived(4)
	}
	d_step {
		assert(table[1].count == 3 && table[1].b == 3);
		assert(conflicts <= N - 1)
	}
}
