/*
 * The session protocol as a model that Spin explores exhaustively.
 *
 * A browser with a jar of two cookies sends requests, at any time; every request is served by a process of its own, which
 * loads, computes, and calls a shared table, one atomic call at a time; responses arrive in any order. The file of a law
 * says which requests there are and what has to hold. What holds for whatever requests is asserted where it happens, in
 * store.pml and serve.pml.
 *
 *	broken.pml   for each law, variants that are wrong on purpose
 *	words.pml    names, types, variables                         ring/session: record.go token.go
 *	store.pml    Load, Save, Touch, Delete                       store.go keep.go
 *	handler.pml  what handlers ask for, and what comes of it     plan.go merge.go;    ring/flash: wrap.go
 *	decide.pml   what is written, which cookies are set          decide.go, respond.go: cookieActions
 *	serve.pml    a request                                       load.go commit.go act.go touch.go; internal/queue; stores/keep.go: save
 *	s9.pml …     the laws
 *
 * Values are small numbers: 0 is absent, a record without version none. Random draws are numbered, so no two are equal. Time
 * goes by in minutes, at any moment; one minute is as long as fading, staleness and the binding of a message. A queue
 * of writers within one process exists for the cost only, so all but one scenario do without: their requests may be
 * served by different processes.
 *
 * Not in the model: stores that seal the session into the cookie, several sessions side by side, more than one cookie of a
 * name, tokens in two browsers, idle and absolute limits, touch intervals, Bound keys, Tally and Members, sizes, deadlines,
 * changes of one response in combination, the paths and headers by which a message finds its request.
 *
 * By hand, a variant and the run that Spin finds:
 *	spin -a -DBREAK_C4_LOGIN c4.pml && cc -DSAFETY -DVECTORSZ=1024 -o pan pan.c && ./pan
 *	spin -t -p -g -DBREAK_C4_LOGIN c4.pml
 */

#ifndef TICKS
#define TICKS 0 /* minutes that may go by */
#endif
#ifndef TRIES
#define TRIES N /* of one request, as every conflict is another one's success */
#endif

#ifdef TOGETHER /* all load before one saves, and are served by one process, where writers queue */
#define LOADED MEET
#else
#define LOADED TRY
#endif

#include "broken.pml"
#include "words.pml"
#include "store.pml"
#include "handler.pml"
#include "decide.pml"
#include "serve.pml"
