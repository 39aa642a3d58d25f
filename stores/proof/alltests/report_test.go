package main

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// reported returns what a report prints for the lines of one run, and how many failures it has.
func reported(t *testing.T, verbose bool, err error, lines ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	r := newReport(&out, 2, verbose)
	r.read("plain", strings.NewReader(strings.Join(lines, "\n")))
	r.ended("plain", err)
	r.close(72 * time.Second)
	return out.String(), r.failed()
}

func happens(action, test, more string) string {
	if test != "" {
		test = `,"Test":"` + test + `"`
	}
	return `{"Action":"` + action + `","Package":"github.com/signet-go/signet/ring"` + test + more + `}`
}

func says(text string) string { return `,"Output":"` + text + `\n"` }

var errExit = errors.New("exit status 1")

func TestTheSummaryCountsTestsWithoutTheirParents(t *testing.T) {
	got, failures := reported(t, false, nil,
		happens("start", "", ""),
		happens("run", "TestA", ""), happens("run", "TestA/one", ""), happens("run", "TestA/two", ""),
		happens("output", "TestA/two", says("    a_test.go:7: no server: none is set")),
		happens("output", "TestA/two", says("    --- SKIP: TestA/two (0.00s)")),
		happens("skip", "TestA/two", ""), happens("pass", "TestA/one", ""), happens("pass", "TestA", ""),
		happens("run", "TestB", ""), happens("pass", "TestB", ""),
		happens("output", "", says(`ok  \tgithub.com/signet-go/signet/ring\t1.500s`)),
		happens("pass", "", `,"Elapsed":1.5`),
	)
	want := `  1 of 2  ok    plain  ring: 2 passed, 1 skipped, 1.5s

   1 skipped: no server: none is set
1 of 2 packages, 1m12s
2 passed, 0 failed, 1 skipped
`
	if got != want || failures != 0 {
		t.Errorf("%d failures, and it says\n%s; want\n%s", failures, got, want)
	}
}

func TestATestThatAnotherRunMakesIsNotSkipped(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out, 2, false)
	r.read("race", strings.NewReader(strings.Join([]string{
		happens("run", "TestA", ""), happens("output", "TestA", says("    a_test.go:7: the race detector allocates")), happens("skip", "TestA", ""),
		happens("run", "TestB", ""), happens("output", "TestB", says("    b_test.go:7: no server")), happens("skip", "TestB", ""),
		happens("pass", "", ""),
	}, "\n")))
	r.read("plain", strings.NewReader(strings.Join([]string{
		happens("run", "TestA", ""), happens("pass", "TestA", ""), happens("pass", "", ""),
	}, "\n")))
	r.close(time.Second)
	if got := out.String(); strings.Contains(got, "allocates") || !strings.HasSuffix(got, "\n   1 skipped: no server\n2 of 2 packages, 1s\n1 passed, 0 failed, 1 skipped\n") {
		t.Errorf("it says\n%s", got)
	}
}

func TestAPackageWhereAllIsSkippedIsNotOK(t *testing.T) {
	got, _ := reported(t, false, nil,
		happens("run", "TestA", ""), happens("run", "TestA/one", ""),
		happens("output", "TestA/one", says("    a_test.go:7: X is not set")),
		happens("skip", "TestA/one", ""), happens("pass", "TestA", ""), happens("pass", "", ""),
	)
	if !strings.Contains(got, " skip  plain  ring: 0 passed, 1 skipped") || strings.Contains(got, "ok") {
		t.Errorf("it says\n%s", got)
	}
}

func TestAFailureIsShownInFullAndNamedInTheEnd(t *testing.T) {
	lines := []string{
		happens("run", "TestA", ""), happens("output", "TestA", says("what passes says")), happens("pass", "TestA", ""),
		happens("run", "TestB", ""), happens("run", "TestB/x", ""),
		happens("output", "TestB/x", says("    b_test.go:9: 1; want 2")),
		happens("fail", "TestB/x", ""), happens("fail", "TestB", ""), happens("fail", "", ""),
	}
	got, failures := reported(t, false, errExit, lines...)
	if failures != 1 || !strings.Contains(got, "b_test.go:9: 1; want 2") || !strings.Contains(got, "failed: ring (plain): TestB/x\n") ||
		strings.Contains(got, "what passes says") || !strings.HasSuffix(got, "\n1 passed, 1 failed, 0 skipped\n") {
		t.Errorf("%d failures, and it says\n%s", failures, got)
	}
	if got, _ := reported(t, true, errExit, lines...); !strings.Contains(got, "what passes says") {
		t.Errorf("with -v it says\n%s", got)
	}
}

func TestWhatFailsOutsideOfATestIsAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"a build": {[]string{
			`{"ImportPath":"signet/ring","Action":"build-output","Output":"ring/x.go:1: undefined: y\n"}`,
			`{"ImportPath":"signet/ring","Action":"build-fail"}`,
			happens("fail", "", `,"FailedBuild":"signet/ring"`),
		}, "ring/x.go:1: undefined: y"},
		"TestMain": {[]string{
			happens("output", "", says("no database")), happens("fail", "", ""),
		}, "no database"},
		"a test that was running when it ended": {[]string{
			happens("run", "TestA", ""), happens("output", "TestA", says("panic: timed out")), happens("fail", "", ""),
		}, "failed: ring (plain): TestA\n"},
		"a package that does not finish": {[]string{happens("start", "", "")}, "has not finished"},
		"go test itself":                 {[]string{"go: a pattern matches nothing"}, "failed: go test (plain): exit status 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, failures := reported(t, false, errExit, c.lines...)
			if failures == 0 || !strings.Contains(got, c.want) || strings.Contains(got, " 0 failed") {
				t.Errorf("%d failures, and it says\n%s; want %q", failures, got, c.want)
			}
		})
	}
}

func TestWhatIsRunningIsToldIfNothingWasSaidForAWhile(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out, 2, false)
	r.read("plain", strings.NewReader(happens("run", "TestA", "")))
	if r.still(); out.Len() > 0 {
		t.Errorf("at once it says %q", out.String())
	}
	r.said = r.said.Add(-quiet)
	r.still()
	if !regexp.MustCompile(`^tests: 0 of 2 packages after .*s, running ring TestA\n$`).MatchString(out.String()) {
		t.Errorf("it says %q", out.String())
	}
}

func TestThePackagesThatTakeLongestAreFirst(t *testing.T) {
	all, err := list("proof/alltests,stores/nowhere,proof/servers")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 30 || !strings.HasSuffix(all[0].path, "/proof/alltests") || !slices.Contains(all[0].tests, "TestEveryTestIsInSomePass") || !strings.HasSuffix(all[1].path, "/proof/servers") {
		t.Errorf("%+v", all)
	}
}

// What is made of each package: with the race detector in full, or in short beside a plain run of everything.
func TestEveryTestIsInSomePass(t *testing.T) {
	packages := []pkg{{"example.org/a", []string{"TestA"}}, {"example.org/servers/b", []string{"TestA", "TestItAllocates"}}, {"example.org/servers", nil}}
	plain := regexp.MustCompile("Allocates")
	var got []string
	for _, lane := range plan(packages, true, plain, "servers/...") {
		for _, p := range lane {
			got = append(got, fmt.Sprint(p.name, " ", p.args, " ", paths(p.packages)))
		}
	}
	want := []string{
		"plain [] [example.org/a]",
		"plain [-run Allocates] [example.org/servers/b]",
		"race [-race -vet=off -skip Allocates] [example.org/servers/b example.org/servers]",
		"race [-race -vet=off -skip Allocates -short] [example.org/a]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
	if lanes := plan(packages, false, plain, "servers/..."); len(lanes) != 1 || len(lanes[0]) != 1 || lanes[0][0].args != nil || len(lanes[0][0].packages) != 3 {
		t.Errorf("without the race detector: %v", lanes)
	}
}
