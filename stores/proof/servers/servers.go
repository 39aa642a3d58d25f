// Package servers starts real PostgreSQL, MariaDB and Redis servers for tests and throws them away afterwards. They listen on
// 127.0.0.1 only, on free ports that are reserved for them, run without root's rights, and on Linux die with the process that
// started them, even if that is killed.
//
//	func TestACommitSurvivesACrash(t *testing.T) {
//		pg, err := servers.Postgres(t.Context(), t.TempDir(), "-c", "fsync=on", "-c", "full_page_writes=on")
//		if err != nil {
//			t.Fatal(err)
//		}
//		t.Cleanup(pg.Kill)
//		// … open pg.URL(), commit …
//		pg.Kill()
//		if err := pg.Start(t.Context()); err != nil { // the same port, the same data
//			t.Fatal(err)
//		}
//		// … what was committed is there …
//	}
//
// Programs are looked for in the PATH and where Debian and Homebrew keep them; with SIGNET_TEST_PATH_ONLY=1 in the PATH alone, so that
// a machine can be tried as if it had none.
//
// Most tests only want a server, not to stop it: they read its URL from the environment and are run by the command withservers.
package servers
