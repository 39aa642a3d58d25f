// Package proof has no code to import: it holds the tests that look at everything at once.
//
// Programs are random stories of several browsers, of requests that are held between load and commit, of log-ins, log-outs,
// renewals, messages and a clock. A model written from the laws says what every answer, every cookie and every record
// has to be; a story that goes wrong shrinks to a few lines. Interleavings run two or three requests of one session in
// every order that their calls to the store can have. Mutants are the sceptic's part: each breaks one line of the library, and some
// law's test has to notice.
//
//	SIGNET_PROVE_PROGRAMS   how many programs for each store
//	SIGNET_PROVE=long       all interleavings of three, on every store, and all mutants
package proof
