package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// An event is a line of go test -json, as cmd/test2json documents it, or of go build -json.
type event struct {
	Action      string
	Package     string
	Test        string
	Output      string
	Elapsed     float64 // seconds
	ImportPath  string  // of a build
	FailedBuild string
}

// A report tells how the tests go. It is safe for concurrent use by several runs.
type report struct {
	mu      sync.Mutex
	out     io.Writer
	total   int // packages that have tests, each counted in every run
	verbose bool
	began   time.Time
	said    time.Time // when a line was printed last

	done     int
	running  map[place]*progress
	builds   map[place]string // the output of builds
	passed   int
	failures []string
	skipped  map[single]string // the reasons
	made     map[single]bool   // the tests that passed
}

// A single is a test of a package, in whichever run.
type single struct{ path, test string }

// A place is a package in a run. For a build it is what is built.
type place struct{ run, path string }

// progress is what is known about a package that has not finished.
type progress struct {
	tests  map[string]*test
	output []line
	last   string // the test that was started last
	none   bool   // it has no test files
	cached bool
}

type test struct {
	result string // pass, fail, skip; empty while it runs
	parent bool   // it has subtests
	said   string // its last line of output, without the place
}

// A line of output, and the test that wrote it; none if empty.
type line struct{ test, text string }

func newReport(out io.Writer, total int, verbose bool) *report {
	now := time.Now()
	return &report{
		out: out, total: total, verbose: verbose, began: now, said: now,
		running: map[place]*progress{}, builds: map[place]string{},
		skipped: map[single]string{}, made: map[single]bool{},
	}
}

// say prints a line of its own.
func (r *report) say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.print("tests: "+format, args...)
}

// print prints a line. The caller holds the lock.
func (r *report) print(format string, args ...any) {
	fmt.Fprintf(r.out, format+"\n", args...)
	r.said = time.Now()
}

// read reports what a run prints, to its end.
func (r *report) read(run string, in io.Reader) {
	lines := bufio.NewReader(in)
	for {
		b, err := lines.ReadBytes('\n')
		if len(b) > 0 {
			r.line(run, b)
		}
		if err != nil {
			return
		}
	}
}

func (r *report) line(run string, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var e event
	if err := json.Unmarshal(b, &e); err != nil || e.Action == "" {
		r.print("%s", strings.TrimRight(string(b), "\n"))
		return
	}
	if e.ImportPath != "" {
		r.builds[place{run, e.ImportPath}] += e.Output
		return
	}
	at := place{run, e.Package}
	p := r.running[at]
	if p == nil {
		p = &progress{tests: map[string]*test{}}
		r.running[at] = p
	}
	if e.Test != "" {
		p.event(e)
		return
	}
	switch e.Action {
	case "output":
		p.none = p.none || strings.Contains(e.Output, "[no test files]")
		p.cached = p.cached || strings.HasPrefix(e.Output, "ok ") && strings.Contains(e.Output, "(cached)")
		p.output = append(p.output, line{"", e.Output})
	case "pass", "fail", "skip":
		delete(r.running, at)
		r.finish(at, p, e)
	}
}

// event notes what becomes of a test.
func (p *progress) event(e event) {
	t := p.tests[e.Test]
	if t == nil {
		t = &test{}
		p.tests[e.Test] = t
		for name := e.Test; strings.Contains(name, "/"); {
			name = name[:strings.LastIndex(name, "/")]
			if above := p.tests[name]; above != nil {
				above.parent = true
			}
		}
	}
	switch e.Action {
	case "run", "cont":
		p.last = e.Test
	case "pass", "fail", "skip":
		t.result = e.Action
	case "output":
		p.output = append(p.output, line{e.Test, e.Output})
		if text := strings.TrimSpace(e.Output); text != "" && !isFrame(text) {
			t.said = text
		}
	}
}

// isFrame tells lines that the testing package prints from what a test says.
func isFrame(text string) bool {
	return strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- ")
}

// finish counts the tests of a package that has finished, and prints its line.
func (r *report) finish(at place, p *progress, e event) {
	if p.none && e.Action == "skip" {
		return
	}
	r.done++
	passed, skipped, failed := 0, 0, []string{}
	for _, name := range slices.Sorted(maps.Keys(p.tests)) {
		t := p.tests[name]
		switch {
		case t.result == "pass" && !t.parent:
			passed++
			r.made[single{at.path, name}] = true
		case t.result == "skip" && !t.parent:
			skipped++
			r.skipped[single{at.path, name}] = reason(t.said)
		case t.result == "fail" || t.result == "" && e.Action == "fail":
			if !p.failsBelow(name, e) {
				failed = append(failed, name)
			}
		}
	}
	if e.Action == "fail" && len(failed) == 0 {
		failed = append(failed, cmp.Or(e.FailedBuild, "outside of the tests"))
	}
	r.passed += passed
	for _, name := range failed {
		r.failures = append(r.failures, fmt.Sprintf("%s (%s): %s", short(at.path), at.run, name))
	}
	verdict := "ok"
	switch {
	case len(failed) > 0:
		verdict = "FAIL"
	case passed == 0 && skipped > 0:
		verdict = "skip"
	case passed == 0:
		verdict = "none"
	}
	text := fmt.Sprintf("%3d of %d  %-4s  %-5s  %s: %d passed", r.done, r.total, verdict, at.run, short(at.path), passed)
	if len(failed) > 0 {
		text += fmt.Sprintf(", %d failed", len(failed))
	}
	if skipped > 0 {
		text += fmt.Sprintf(", %d skipped", skipped)
	}
	if p.cached {
		text += ", as known from an earlier run"
	} else {
		text += fmt.Sprintf(", %.1fs", e.Elapsed)
	}
	r.print("%s", text)
	r.show(at, p, e)
}

// failsBelow reports whether a test fails because a subtest does.
func (p *progress) failsBelow(name string, e event) bool {
	for other, t := range p.tests {
		if strings.HasPrefix(other, name+"/") && (t.result == "fail" || t.result == "" && e.Action == "fail") {
			return true
		}
	}
	return false
}

// show prints the output of what failed, or of everything.
func (r *report) show(at place, p *progress, e event) {
	if !r.verbose && e.Action != "fail" {
		return
	}
	if e.FailedBuild != "" {
		fmt.Fprint(r.out, r.builds[place{at.run, e.FailedBuild}])
	}
	for _, l := range p.output {
		t := p.tests[l.test]
		failed := t == nil || t.result == "fail" || t.result == ""
		if r.verbose || failed && !strings.HasPrefix(l.text, "=== ") {
			fmt.Fprint(r.out, l.text)
		}
	}
}

// reason is why a test was skipped, without the place in the source.
func reason(said string) string {
	if at, rest, ok := strings.Cut(said, ": "); ok && strings.Contains(at, ".go:") {
		said = rest
	}
	return cmp.Or(said, "no reason given")
}

func short(path string) string { return strings.TrimPrefix(path, "github.com/signet-go/signet/") }

// still tells what is running, if nothing was said for a while.
func (r *report) still() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.said) < quiet/2 {
		return
	}
	var names []string
	for at, p := range r.running {
		names = append(names, strings.TrimSpace(short(at.path)+" "+p.last))
	}
	slices.Sort(names)
	what := "compiling"
	if len(names) > 0 {
		what = "running " + strings.Join(names, ", ")
	}
	r.print("tests: %d of %d packages after %v, %s", r.done, r.total, time.Since(r.began).Round(time.Second), what)
}

// ended notes how a run of go test has ended. One that fails although no package does has something else to say.
func (r *report) ended(run string, err error) {
	if err != nil && r.failed() == 0 {
		r.fails(run, err)
	}
}

func (r *report) fails(run string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf("go test (%s): %v", run, err))
}

func (r *report) failed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures)
}

// close prints the summary.
func (r *report) close(took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for at := range r.running {
		r.failures = append(r.failures, fmt.Sprintf("%s (%s): has not finished", short(at.path), at.run))
	}
	slices.Sort(r.failures)
	skipped := 0
	count := map[string]int{}
	for test, why := range r.skipped {
		if !r.made[test] {
			skipped++
			count[why]++
		}
	}
	reasons := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a, b))
	})
	r.print("")
	for _, why := range reasons {
		r.print("%4d skipped: %s", count[why], why)
	}
	for _, what := range r.failures {
		r.print("     failed: %s", what)
	}
	r.print("%d of %d packages, %v", r.done, r.total, took.Round(time.Second))
	r.print("%d passed, %d failed, %d skipped", r.passed, len(r.failures), skipped)
}
