package proof

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A mutant is the library with one thing wrong. A test of the law that this breaks has to fail. A mutant that breaks no law
// names its test in full.
type mutant struct {
	name     string
	file     string // from the root
	old, new string
	law      string // the test: TestLaw_…, a law of stores/storetest, or the name of a test
}

var onlyMutant = flag.String("mutant", "", "run the mutants whose names contain this")

// TestMutants runs the tests of a law on the library with one thing wrong, which must fail. The compiler is told to take the
// changed file in the place of the true one; the tree stays as it is. Every day's run takes a few of the mutants, in turn, and
// SIGNET_PROVE=long all.
func TestMutants(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	t.Parallel()
	const aDay = 4
	today := int(time.Now().Unix() / (24 * 60 * 60))
	for i, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			overlay := m.overlay(t)
			if *onlyMutant == "" && !isLong() && (i+today*aDay)%len(mutants) >= aDay || !strings.Contains(m.name, *onlyMutant) {
				t.Skip("it is another day's")
			}
			dir, run := m.tests()
			said := test(t, root, overlay, dir, run)
			if !strings.Contains(said, "--- FAIL: "+m.failing()) {
				t.Errorf("%s does not notice that %s\n%s", m.law, m.name, said)
			}
			if isLong() {
				m.beside(t, overlay)
			}
		})
	}
}

const root = "../.."

// tests tells where the law is tested, and by which tests.
func (m mutant) tests() (dir, run string) {
	dir = "./" + filepath.Dir(m.file)
	if dir == "./stores" || m.file == "ring/show.go" {
		dir = "./ring/session" // what these have is used and tested there
	}
	if strings.HasPrefix(m.law, "storetest ") {
		return "./stores/memory", "^TestLaws$/^" + strings.TrimPrefix(m.law, "storetest ") + "_"
	}
	if strings.HasPrefix(m.law, "Test") {
		return dir, "^" + m.law + "$"
	}
	return dir, "^Test" + m.law + "_"
}

func (m mutant) failing() string {
	if law, ok := strings.CutPrefix(m.law, "storetest "); ok {
		return "TestLaws/" + law + "_"
	}
	if strings.HasPrefix(m.law, "Test") {
		return m.law + " "
	}
	return "Test" + m.law + "_"
}

// overlay writes the changed file, and gives the name of the file that tells the compiler about it.
func (m mutant) overlay(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		t.Fatalf("the mutant has to follow the code: %s has %d times\n%s\nwant it once", m.file, n, m.old)
	}
	dir := t.TempDir()
	changed := filepath.Join(dir, "changed.go")
	replace := map[string]string{path: changed}
	for _, heavy := range heavyFiles {
		if path, err = filepath.Abs(heavy); err != nil {
			t.Fatal(err)
		}
		replace[path] = ""
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	for name, b := range map[string][]byte{changed: []byte(strings.Replace(string(text), m.old, m.new, 1)), overlay: list} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return overlay
}

// heavyFiles are those of this package that bring drivers and clients, which the tests in memory don't need.
var heavyFiles = []string{"drivers_test.go"}

// test runs tests and returns what they say. A mutant that does not compile is a mistake here.
func test(t *testing.T, from, overlay, dir, run string, args ...string) string {
	t.Helper()
	args = append([]string{"test", "-overlay", overlay, "-vet=off", "-short", "-failfast", "-timeout", "10m", "-run", run, dir}, args...)
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = from
	cmd.Env = append(os.Environ(), "GOWORK=off", "SIGNET_PROVE=", "SIGNET_PROVE_PROGRAMS=2000")
	out, err := cmd.CombinedOutput()
	if said := string(out); strings.Contains(said, "[build failed]") || strings.Contains(said, "[setup failed]") {
		t.Fatalf("it does not compile:\n%s", said)
	}
	if err == nil {
		return fmt.Sprintf("all tests pass\n%s", out)
	}
	return string(out)
}

// beside tells whether programs and interleavings notice as well.
func (m mutant) beside(t *testing.T, overlay string) {
	for _, run := range []string{"TestPrograms", "TestInterleavings"} {
		said := test(t, ".", overlay, ".", "^"+run+"$/^memory$", "-rapid.shrinktime=0s")
		t.Logf("%s notices: %v", run, strings.Contains(said, "--- FAIL: "+run))
	}
}
