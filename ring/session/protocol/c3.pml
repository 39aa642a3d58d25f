/* C3: of parallel changes of one plain key the later commit wins, that key only; and what is deleted stays deleted. */

#ifdef LONG
#define N 4
#else
#define N 3
#endif
#include "model.pml"

inline any(op)
{
	if
	:: op = SET_A
	:: op = SET_B
	:: op = DELETE_A
	fi
}

byte op, i;
bool b;

init {
	atomic {
		begin(0);
		for (i : 1 .. N) {
			any(op);
			req[i].op = (i == 1 -> SET_A : op);
			b = b || req[i].op == SET_B;
			run Serve(i, 0)
		}
		for (i : 1 .. N) {
			arrived(i)
		}
	}
	d_step {
		for (i : 1 .. N) {
			assert(done(i))
		}
		assert(table[1].a == last_a);
		assert((table[1].b != 0) == b)
	}
}
