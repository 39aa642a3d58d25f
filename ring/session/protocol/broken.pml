/*
 * The protocol's choices, a word for each, and what is wrong on purpose: for every law at least one variant in which Spin
 * has to find a run that breaks it. The LIMITs, in the files of the laws, are what the protocol really doesn't do.
 */

#ifdef BREAK_S9_COOKIE /* one cookie for everybody */
#define OWNERS 0
#else
#define OWNERS 1
#endif

#ifdef BREAK_S9_FORMER /* a log-in with a stale token leaves the session of somebody else alone */
#define ENDS_FORMER false
#else
#define ENDS_FORMER true
#endif

#ifdef BREAK_C1_DELETE /* what became empty is deleted at once */
#define FADES false
#else
#define FADES true
#endif

#ifdef BREAK_C1_UPSERT /* a save whatever is there */
#define MAY_REPLACE(seen, has) true
#else
#define MAY_REPLACE(seen, has) (seen == has)
#endif

#ifdef BREAK_C1_MERGE /* after a conflict the same again, at the newer version */
#define MERGES false
#else
#define MERGES true
#endif

#ifdef BREAK_C2_COUNTER /* a counter like any other key */
#define ADDED(base, mine, theirs) (mine == base -> theirs : mine)
#else
#define ADDED(base, mine, theirs) (theirs + mine - base)
#endif

#ifdef BREAK_C2_UPDATE /* an Update is not run again: what it gave stands */
#define NEWEST(x, was) was
#else
#define NEWEST(x, was) x
#endif

#ifdef BREAK_C3_EARLIER /* the earlier commit wins */
#define PLAIN(base, mine, theirs) (theirs == base -> mine : theirs)
#else
#ifdef BREAK_C3_BASE /* merged without the base: what others deleted or changed comes back */
#define PLAIN(base, mine, theirs) mine
#else
#define PLAIN(base, mine, theirs) (mine == base -> theirs : mine)
#endif
#endif

#ifdef BREAK_C4_REVIVE /* a record that is gone is written again */
#define REVIVES true
#else
#define REVIVES false
#endif

#ifdef BREAK_C4_RENEWED /* after a conflict the token is not looked at again */
#define RELOAD_TRUSTS true
#else
#define RELOAD_TRUSTS false
#endif

#ifdef BREAK_C4_LOGIN /* a log-in is dropped like any other change */
#define IS_DROPPED(login) true
#else
#define IS_DROPPED(login) !login
#endif

#ifdef BREAK_C4_LOGOUT /* a log-out ends only the version that it loaded */
#define MAY_DELETE(version, has) (version == has)
#else
#define MAY_DELETE(version, has) true
#endif

#ifdef BREAK_C4_GOODBYE /* a log-out stores its message first, and fails where it can't */
#define ENDS_FIRST false
#define NEEDS_MESSAGE true
#else
#define ENDS_FIRST isEnd(R.op)
#define NEEDS_MESSAGE false
#endif

#ifdef BREAK_C4_EMPTY /* Renew leaves alone what became empty */
#define RENEWS_EMPTY false
#else
#define RENEWS_EMPTY (R.op == RENEW)
#endif

#ifdef BREAK_C4_TOUCH /* a touch of whatever is there now */
#define MAY_TOUCH(version, has) true
#else
#define MAY_TOUCH(version, has) (version == has)
#endif

#ifdef BREAK_C4_TOLD /* a dropped change is answered as if it were stored */
#define TOLD DONE
#else
#define TOLD DROPPED
#endif

#ifdef BREAK_C5_RETRY /* a lost answer is tried again like a conflict */
#define LOOKS false
#else
#define LOOKS true
#endif

#ifdef BREAK_C5_INSERT /* an insert that is lost is tried again under the same handle */
#define DRAWS_AGAIN false
#else
#define DRAWS_AGAIN true
#endif

#ifdef BREAK_C5_QUEUE /* writers don't take turns */
#define QUEUES false
#else
#define QUEUES (LOADED == MEET)
#endif

#ifdef BREAK_F1_BOUND /* the next navigation takes what is meant for another */
#define IS_BOUND(time, until) false
#else
#define IS_BOUND(time, until) (time < until)
#endif

#ifdef BREAK_F2_POLL /* any request takes what is bound to none */
#define IS_NAVIGATION(mode) true
#else
#define IS_NAVIGATION(mode) (mode == NAVIGATE)
#endif

#ifdef BREAK_F3_AGAIN /* a page goes out as it was made, though another one has shown its message since */
#define RUNS_AGAIN false
#else
#define RUNS_AGAIN true
#endif

#ifdef BREAK_F3_NAME /* messages lie under one name */
#define NAME(i) 0
#else
#define NAME(i) i
#endif

#ifdef BREAK_F4_FAIL /* a failed page takes its message, */
#define FAILURE_TAKES true
#else
#define FAILURE_TAKES false
#endif

#ifdef BREAK_F4_CARRY /* and a redirect at a log-out hands on what came for it */
#define STILL_THERE(to) true
#else
#define STILL_THERE(to) (to != 0)
#endif
