/* Names, types and all that there is. */

#define LIVE    1 /* session.State, in the order of decide.go: of two dead cookies the later state counts */
#define UNKNOWN 3
#define EXPIRED 4
#define STALE   6

#define LOAD_OWNERS 1 /* What a request does next, */
#define LOAD        2
#define MEET        3 /* wait until all have loaded */
#define TRY         4
#define SAVE        5
#define END         6
#define CONFLICT    7 /* what a call came to, */
#define GONE        8 /* ErrNotFound */
#define LOST        9 /* no answer */
#define DONE       10 /* and what is answered. */
#define ENDED      11
#define DROPPED    12
#define UNSURE     13 /* ErrOutcomeUnknown, or another failure: 503 */

#define NEVER 255

typedef Record {
	byte version;  /* 0: no record */
	byte verifier, previous;
	byte owner;    /* 0: nobody */
	byte expires;
	byte stale;    /* until when a renewed token is told from an unknown one */
	byte a, b;     /* two plain keys, */
	byte count;    /* a counter, */
	byte to[2];    /* and two flash messages, by what they are for; 0 is absent everywhere */
	byte bound[2]  /* until when they are for nothing else */
};

#define copyData(x, y) \
	x.a = y.a; x.b = y.b; x.count = y.count; \
	x.to[0] = y.to[0]; x.to[1] = y.to[1]; x.bound[0] = y.bound[0]; x.bound[1] = y.bound[1]
#define copyRecord(x, y) \
	x.version = y.version; x.verifier = y.verifier; x.previous = y.previous; x.owner = y.owner; \
	x.expires = y.expires; x.stale = y.stale; copyData(x, y)
#define clearData(x) \
	x.a = 0; x.b = 0; x.count = 0; x.to[0] = 0; x.to[1] = 0; x.bound[0] = 0; x.bound[1] = 0
#define clearRecord(x) \
	x.version = 0; x.verifier = 0; x.previous = 0; x.owner = 0; x.expires = 0; x.stale = 0; clearData(x)
#define sameData(x, y) \
	(x.a == y.a && x.b == y.b && x.count == y.count && \
	 x.to[0] == y.to[0] && x.to[1] == y.to[1] && x.bound[0] == y.bound[0] && x.bound[1] == y.bound[1])
#define hasNoKeys(x) (x.a == 0 && x.b == 0 && x.count == 0 && x.to[0] == 0 && x.to[1] == 0)

#define token(h, secret) ((h) * 32 + (secret))
#define handleOf(t) ((t) / 32)
#define secretOf(t) ((t) % 32)
#define under(t) table[handleOf(t)]

#ifdef FAULTS
#define HANDLES (2 * N + 2) /* an insert that is lost is tried again under another one */
#else
#define HANDLES (N + 2)
#endif
Record table[HANDLES];
byte minute;        /* the time */
byte faults;        /* how many calls may still stay without an answer */
bool ended[HANDLES];  /* for the laws: what was deleted */
byte last_a;        /* and the a of the latest write that was to change it */

#define opens(t) (t != 0 && under(t).version != 0 && under(t).verifier == secretOf(t) && minute < under(t).expires)

#define READ     0 /* no change, so a touch is due */
#define SET_A    1 /* session.Set: the key a, */
#define SET_B    2 /* the key b, */
#define DELETE_A 3 /* without a, */
#define CLEAR    4 /* the zero Session, */
#define ADD_SET  5 /* the counter raised */
#define ADD      6 /* session.Update: the counter raised */
#define RENEW    7
#define LOGIN    8 /* as Ann, */
#define AS_BOB   9 /* as Bob; both set b */
#define LOGOUT  10 /* session.Delete, */
#define GOODBYE 11 /* and with a message */
#define FOREIGN 12 /* SET_A, provoked by a neighbouring site or through an old browser: no cookie comes along */
#define POST    13 /* a redirect, with a message */
#define PAGE    14 /* a GET that shows the messages that came for it, */
#define FAILED  15 /* that fails, */
#define SAME    16 /* that answers 304, */
#define FORWARD 17 /* that redirects, */
#define LEAVING 18 /* that logs out and redirects */

#define isLogin(op) (op == LOGIN || op == AS_BOB)
#define isEnd(op)   (op == LOGOUT || op == GOODBYE || op == LEAVING)
#define isGet(op)   (op >= PAGE)
#define ownerOf(op) (op - LOGIN + 1)

#define NAVIGATE 0 /* Sec-Fetch-Mode */
#define FETCH    1
#define target(path, mode) (1 + 2 * (path) + mode) /* path 0 is the next navigation */

typedef Request {
	byte op, path, mode;                       /* what is asked for */
	byte message, next;                        /* which message it sends, and where it redirects to */
	byte sent[2];                              /* the cookies: anonymous, owner's */
	byte state, token, formerOwner; bool owned, mayEnd; /* arrival */
	byte tries, time; bool gone, kept;         /* commit; kept: the delete may not have been done */
	byte write, mint; bool end, drop;          /* Decision */
	byte cookie[2];                            /* what the response makes of the cookies */
	bool came[2];                              /* the messages that it shows, takes or hands on */
	byte outcome, given, said, applied; bool arrived /* for the laws: what was answered and stored, and whether it is here */
};

Request req[N + 1];
Record  loaded[N + 1], newest[N + 1], next[N + 1];
hidden Record mine;

#define R req[r]
#define L loaded[r]   /* arrival.rec */
#define C newest[r]   /* commit.current */
#define X next[r]     /* what is going to be stored */

#define isLive      (R.state == LIVE)
#define isOther(owner) (owner != 0 && owner != ownerOf(R.op))
#define othersOwner (isLogin(R.op) && (isLive && isOther(C.owner) || R.state == STALE && R.mayEnd && isOther(R.formerOwner) && ENDS_FORMER))

byte jar[2];      /* the cookies of the browser: anonymous, owner's */
bool queue;       /* internal/queue: the turn to write a session, after a conflict; only one session is contended where it is used */
byte waiting, conflicts, shown[2];
