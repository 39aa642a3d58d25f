// Package protocol_test has Spin explore the model of the session protocol that lies in this directory: every law has to
// hold in all runs, and in some run of every variant that is wrong on purpose it must not. It takes about a minute on two
// idle cores; with SIGNET_PROVE=long there are more requests and faults, for some minutes more.
package protocol_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// laws are those that the model covers.
var laws = strings.Fields("s9 c1 c2 c3 c4 c5 f1 f2 f3 f4")

// long are the models that take more than a second or two; -short leaves them out.
var long = strings.Fields("s9 c4 c5")

// models returns the names of the files that are models: a law's number, and maybe what of it.
func models(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("[scf][0-9]*.pml")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".pml")
	}
	return files
}

// variants returns the defines with a prefix that the files ask for, by the model that is to be run with each.
func variants(t *testing.T, prefix string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.pml")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`#ifdef (` + prefix + `_([A-Z][0-9])(_[A-Z]+))\b`)
	found := map[string]string{}
	all := models(t)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(b), -1) {
			model := strings.ToLower(m[2])
			if special := strings.ToLower(m[2] + m[3]); slices.Contains(all, special) {
				model = special
			}
			found[m[1]] = model
		}
	}
	if len(found) == 0 {
		t.Fatalf("no %s in the models", prefix)
	}
	return found
}

func TestEveryLawHoldsInAllRuns(t *testing.T) {
	tools(t)
	all := models(t)
	for _, law := range laws {
		if !slices.Contains(all, law) {
			t.Errorf("%s has no model", law)
		}
	}
	for _, model := range all {
		t.Run(model, func(t *testing.T) {
			if testing.Short() && slices.Contains(long, model) {
				t.Skip("takes longer than -short")
			}
			t.Parallel()
			var defines []string
			if os.Getenv("SIGNET_PROVE") == "long" {
				defines = []string{"-DLONG"}
			}
			r := explore(t, "-O1", model, defines...)
			switch {
			case r.errors != 0:
				t.Errorf("a run that breaks the law:\n%s", r.output)
			case !r.complete:
				t.Errorf("not all runs were explored:\n%s", r.output)
			}
			t.Logf("%s: %d states, %d steps deep at most, all explored", strings.ToUpper(model), r.states, r.depth)
		})
	}
}

func TestEveryWrongVariantIsFound(t *testing.T) {
	tools(t)
	wrong := variants(t, "BREAK")
	for _, law := range laws {
		if !slices.ContainsFunc(slices.Collect(maps.Values(wrong)), func(model string) bool { return strings.HasPrefix(model, law) }) {
			t.Errorf("%s has no variant that breaks it", law)
		}
	}
	found(t, wrong)
}

// Where the protocol ends, Spin finds that too: when one of these is found no more, promise it.
func TestWhatIsNotPromisedIsFound(t *testing.T) {
	tools(t)
	found(t, variants(t, "LIMIT"))
}

func found(t *testing.T, variants map[string]string) {
	for define, model := range variants {
		t.Run(define, func(t *testing.T) {
			if testing.Short() && slices.Contains(long, model) {
				t.Skip("takes longer than -short")
			}
			t.Parallel()
			r := explore(t, "-O0", model, "-D"+define)
			if r.errors == 0 {
				t.Errorf("no run of %s breaks a law:\n%s", model, r.output)
			}
			t.Logf("%s: found after %d states: %s", define, r.states, r.broken)
		})
	}
}

// tools skips the test where what it takes is not there.
func tools(t *testing.T) {
	t.Helper()
	for tool, pkg := range map[string]string{"spin": "spin", "cc": "gcc and libc6-dev"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("SIGNET_TEST_REQUIRE") == "1" {
				t.Fatalf("%s is missing: install %s", tool, pkg)
			}
			t.Skipf("%s is missing: install %s", tool, pkg)
		}
	}
}

type result struct {
	errors, states, depth int
	complete              bool
	broken                string // the assertion that doesn't hold, or what else is wrong
	output                string
}

// turns bounds how many models are explored at once: each takes a core and up to a gigabyte.
var turns = make(chan struct{}, 2)

// explore runs Spin on a model, exhaustively: states are compared in full, not by a hash. Compiling
// takes longer than exploring what soon finds an error, hence optimize.
func explore(t *testing.T, optimize, model string, defines ...string) result {
	t.Helper()
	turns <- struct{}{}
	defer func() { <-turns }()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	args := append([]string{"-Pcc -E -x c", "-a"}, defines...)
	if out := run("spin", append(args, filepath.Join(here, model+".pml"))...); strings.Contains(out, "Error") {
		t.Fatalf("spin: %s", out)
	}
	run("cc", optimize, "-w", "-DSAFETY", "-DCOLLAPSE", "-DVECTORSZ=1024", "-o", "pan", "pan.c")
	out := run(filepath.Join(dir, "pan"), "-m10000", "-w22")

	number := func(pattern string) int {
		m := regexp.MustCompile(pattern).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("no %q in the output:\n%s", pattern, out)
		}
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	r := result{
		errors: number(`errors: (\d+)`), states: number(`(\S+) states, stored`), depth: number(`depth reached (\d+)`),
		complete: strings.Contains(out, "Full statespace search for:") && !strings.Contains(out, "not completed") &&
			!strings.Contains(out, "too small"),
		output: out,
	}
	if m := regexp.MustCompile(`(?m)^pan:\d+: (.*?)(?: \(at depth \d+\))?$`).FindStringSubmatch(out); m != nil {
		r.broken = m[1]
	}
	return r
}
