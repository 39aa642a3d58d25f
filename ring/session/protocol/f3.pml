/* F3: messages of parallel requests don't replace each other, and each is shown once. */

#define N 4
#include "model.pml"

#define kept(i) (shown[i] == 1 && table[1].to[i] == 0 || shown[i] == 0 && table[1].to[i] != 0)

init {
	atomic {
		begin(0);
		req[1].op = POST; req[1].message = 0;
		req[2].op = POST; req[2].message = 1;
		req[3].op = PAGE;
		if
		:: req[4].op = PAGE
		:: req[4].op = SET_A
#ifdef LIMIT_F3_RENEWED /* a page of a session that is renewed beside it */
		:: req[4].op = RENEW
#endif
		fi;
		run Serve(1, 0); run Serve(2, 0); run Serve(3, 0); run Serve(4, 0);
		arrived(1) && arrived(2) && arrived(3) && arrived(4)
	}
	d_step {
		assert(!done(1) || kept(0));
		assert(!done(2) || kept(1))
	}
}
