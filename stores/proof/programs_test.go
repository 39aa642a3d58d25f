package proof

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("rapid.nofailfile", "true") // a failure tells its story, and broken stores fail on purpose
	m.Run()
}

// isLong reports whether all there is to prove is asked for.
func isLong() bool { return os.Getenv("SIGNET_PROVE") == "long" }

// Programs runs random programs on an engine, and compares every answer, every cookie and all that is stored with the model. How
// many is said by SIGNET_PROVE_PROGRAMS, or by default; with -short rapid makes it a fifth.
func Programs(t *testing.T, e provable) {
	n := e.programs
	if s := os.Getenv("SIGNET_PROVE_PROGRAMS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("SIGNET_PROVE_PROGRAMS: %v", err)
		}
	}
	site := newSite(e.open(t), broken{})
	site.quick = e.quick
	setFlag(t, "rapid.checks", strconv.Itoa(n))
	programs, requests, began := 0, 0, time.Now()
	rapid.Check(t, func(t *rapid.T) {
		programs++
		requests += runProgram(t, site)
	})
	t.Logf("%d programs, %d requests, %.0f programs a second", programs, requests, float64(programs)/time.Since(began).Seconds())
}

// setFlag sets a flag of rapid, which has no other way to be told, for the time of the test.
func setFlag(t testing.TB, name, value string) {
	f := flag.Lookup(name)
	before := f.Value.String()
	t.Cleanup(func() { _ = f.Value.Set(before) })
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
}

func TestPrograms(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { Programs(t, e) })
	}
}
