/* C2: N requests that each raise the counter, by Set or by Update, raise it by N, and each answers with another number. */

#ifdef LONG
#define N 4
#else
#define N 3
#endif
#include "model.pml"

inline any(op)
{
	if
	:: op = ADD_SET
	:: op = ADD
	fi
}

byte op, r1, r2;

init {
	atomic {
		begin(0);
		for (r1 : 1 .. N) {
			any(op);
			req[r1].op = op;
			run Serve(r1, 0)
		}
		for (r1 : 1 .. N) {
			arrived(r1)
		}
	}
	d_step {
		assert(table[1].count == N);
		for (r1 : 1 .. N) {
			assert(done(r1));
			for (r2 : 1 .. r1 - 1) {
				assert(req[r1].said != req[r2].said)
			}
		}
	}
}
